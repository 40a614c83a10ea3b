"""Recipes and code sizes compared: held-out error against latent dimensions, beside the error of PCA."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from narrows.core.errors import InputError, few
from narrows.data.examples import Data
from narrows.evaluation.verdict import Verdict
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
    """Fit each recipe with each number of latent dimensions, all on the same parts of the data.

    Args:
        data: as a reader gives them.
        recipes: names in `RECIPES`.
        latent_dims: numbers of latent dimensions.
        epochs: of each training; chosen from the size of the data when None.
        seed: of the parts and of every training.
        device: "auto", or a torch device.
        on_fit: called with each row.

    Returns:
        `rows`, one per fit: recipe, latent_dim, mse, pca_mse, ratio_ci95, verdict, and, where a few rows hold
        most of an error, their names `outlying` and the error without them `usual_mse`, which is then
        compared; `best`, the recipe with the smallest mean logarithm of the error; `knee`, the latent
        dimensions at which its curve bends, None with fewer than three sizes; `sentence`, the recommendation.
    """
    if not recipes or not latent_dims:
        raise InputError("A comparison takes at least one recipe and one code size.")
    training = {} if epochs is None else {"epochs": epochs}
    rows: list[Row] = []
    for recipe, size in product(dict.fromkeys(recipes), sorted(set(latent_dims))):
        changes = {"training": training}
        run = fit(data, recipe=recipe, latent_dim=size, overrides=changes, seed=seed, device=device)
        errors = {key: run.metrics["held_out"][key] for key in ("mse", "pca_mse", "ratio_ci95")}
        found = Verdict.from_metrics(run.metrics)
        apart = (
            {"outlying": list(found.outlying.names), "usual_mse": found.usual.mse} if found.outlying else {}
        )
        rows.append({"recipe": recipe, "latent_dim": size, **errors, "verdict": found.outcome, **apart})
        if on_fit:
            on_fit(rows[-1])
    best = min(recipes, key=lambda recipe: sum(math.log(e + 1e-300) for _, e in curve(rows, recipe)))
    knee = bend(curve(rows, best))
    return {"rows": rows, "best": best, "knee": knee, "sentence": advice(rows, best, knee) + left_out(rows)}


def left_out(rows: Sequence[Row]) -> str:
    """A sentence on rows that hold most of an error; nothing where there are none."""
    names = list(dict.fromkeys(name for row in rows for name in row.get("outlying", ())))
    return f" Compared without {few(names)}: most of an error lies there." if names else ""


def curve(rows: Sequence[Row], recipe: str) -> list[tuple[int, float]]:
    """Latent dimensions and errors of one recipe, without outlying rows."""
    mine = [row for row in rows if row["recipe"] == recipe]
    return [(row["latent_dim"], row["usual_mse" if "usual_mse" in row else "mse"]) for row in mine]


def bend(points: Sequence[tuple[int, float]]) -> int | None:
    """The size whose error is furthest below the line between the ends; sizes on a logarithmic scale.

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
    """The recommendation, in a sentence."""
    errors = dict(curve(rows, best))
    if knee is None:
        size = min(errors, key=lambda d: errors[d])
        return (
            f"Take {best} with {dimensions(size)}: error {errors[size]:.4g}; a knee needs three code sizes."
        )
    larger = min((size for size in errors if size > knee), default=None)
    if larger is None:
        error = f"the error ({errors[knee]:.4g}) falls up to there"
        return f"Take {best} with {dimensions(knee)} or more: {error}."
    saved = 100 * (1 - errors[larger] / max(errors[knee], 1e-300))
    more = f"{larger} would lower it by {saved:.0f} %"
    where = f"{dimensions(knee)}, where the curve bends"
    return f"Take {best} with {where}: error {errors[knee]:.4g}; {more}."


def dimensions(size: int) -> str:
    return f"{size} latent dimension{'s' * (size > 1)}"
