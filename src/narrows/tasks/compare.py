"""Which recipe, and how large a code: held-out error against code size, beside PCA's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.fitting.fit import fit

Row = dict[str, Any]


def compare(
    data: Data,
    recipes: Sequence[str],
    latent_dims: Sequence[int],
    *,
    epochs: int | None = None,
    seed: int = 0,
    device: str = "auto",
    on_fit: Callable[[Row], None] | None = None,
) -> dict[str, Any]:
    """Fit each recipe at each code size, all on the same parts of the data.

    Args:
        data: what a reader gave.
        recipes: names in `RECIPES`.
        latent_dims: code sizes.
        epochs: passes over the data; chosen from their size when None.
        seed: of the parts and of every training.
        device: "auto", or a torch device.
        on_fit: called with each row as it is found.

    Returns:
        `rows`, one per fit: recipe, latent_dim, mse, pca_mse; `knee`, the code size that the best
        recipe's curve bends at, None with fewer than three sizes; `sentence`, what to take.
    """
    if not recipes or not latent_dims:
        raise InputError("A comparison takes at least one recipe and one code size.")
    training = {} if epochs is None else {"epochs": epochs}
    rows: list[Row] = []
    for recipe, size in product(dict.fromkeys(recipes), sorted(set(latent_dims))):
        changes = {"training": training}
        run = fit(data, recipe=recipe, latent_dim=size, overrides=changes, seed=seed, device=device)
        found, outcome = run.metrics["held_out"], run.metrics["verdict"]["outcome"]
        numbers = {key: found[key] for key in ("mse", "pca_mse", "ratio_ci95")}
        rows.append({"recipe": recipe, "latent_dim": size, **numbers, "verdict": outcome})
        if on_fit:
            on_fit(rows[-1])
    best = min(recipes, key=lambda recipe: sum(math.log(e + 1e-300) for _, e in curve(rows, recipe)))
    knee = bend(curve(rows, best))
    return {"rows": rows, "best": best, "knee": knee, "sentence": advice(rows, best, knee)}


def curve(rows: Sequence[Row], recipe: str) -> list[tuple[int, float]]:
    """Code sizes and errors of one recipe."""
    return [(row["latent_dim"], row["mse"]) for row in rows if row["recipe"] == recipe]


def bend(points: Sequence[tuple[int, float]]) -> int | None:
    """The size furthest below the straight line between the ends, sizes on a logarithmic scale.

    Satopää et al. 2011, "Finding a 'kneedle' in a haystack".

    >>> bend([(2, 10.0), (4, 5.0), (8, 1.0), (16, 0.8), (32, 0.7)])
    8
    """
    if len(points) < 3:
        return None
    sizes, errors = np.array(points, dtype=np.float64).T
    x = np.log(sizes / sizes[0]) / np.log(sizes[-1] / sizes[0])
    y = (errors - errors.min()) / max(float(np.ptp(errors)), 1e-300)
    return int(sizes[np.argmax(1 - x - y)])


def advice(rows: Sequence[Row], best: str, knee: int | None) -> str:
    """What to take, in a sentence."""
    errors = dict(curve(rows, best))
    if knee is None:
        size = min(errors, key=lambda d: errors[d])
        return f"Take {best} with {size} numbers: error {errors[size]:.4g}; a knee needs three code sizes."
    larger = min((size for size in errors if size > knee), default=None)
    if larger is None:
        return f"Take {best} with {knee} numbers or more: the error ({errors[knee]:.4g}) falls up to there."
    saved = 100 * (1 - errors[larger] / max(errors[knee], 1e-300))
    more = f"{larger} would lower it by {saved:.0f} %"
    return f"Take {best} with {knee} numbers, where the curve bends: error {errors[knee]:.4g}; {more}."
