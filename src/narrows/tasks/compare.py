"""Recipes and code sizes compared: held-out error against latent dimensions, beside the error of PCA."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from narrows.core.errors import InputError, few
from narrows.core.numbers import number
from narrows.data.examples import Data
from narrows.evaluation.verdict import Verdict
from narrows.fitting.fit import fit
from narrows.model.recipe_names import recipe_name

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
        dimensions at which its curve bends, None where it does not; `sentence`, the recommendation.
    """
    if not recipes or not latent_dims:
        raise InputError("A comparison takes at least one recipe and one code size.")
    data.schema.check_independent("Comparisons")
    training = {} if epochs is None else {"epochs": epochs}
    rows: list[Row] = []
    recipes = list(dict.fromkeys(map(recipe_name, recipes)))
    for recipe, size in product(recipes, sorted(set(latent_dims))):
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


BENT = 0.1
"""How far below the line between its ends a curve bends at the least, as a share of its whole fall."""

CLOSE = 0.05
"""The share by which an error may exceed the least and count as equally good."""


def bend(points: Sequence[tuple[int, float]]) -> int | None:
    """The size whose error is furthest below the line between the ends; sizes on a logarithmic scale.

    The curve ends where its error is least. None where no size between the ends lies below the line by
    `BENT`, as of a straight curve, or where the error falls by no more than `CLOSE`.

    Satopää et al. 2011, "Finding a 'kneedle' in a haystack".

    >>> bend([(2, 10.0), (4, 5.0), (8, 1.0), (16, 0.8), (32, 0.7)])
    8
    >>> bend([(2, 10.0), (4, 8.0), (8, 6.0), (16, 4.0), (32, 2.0)]) is None
    True
    """
    sizes, errors = np.array(points, dtype=np.float64).T
    end = int(errors.argmin())
    fall = errors[0] - errors[end]
    if end < 2 or fall <= CLOSE * errors[0]:
        return None
    x = np.log(sizes[: end + 1] / sizes[0]) / np.log(sizes[end] / sizes[0])
    below = 1 - x - (errors[: end + 1] - errors[end]) / fall
    return int(sizes[below.argmax()]) if below.max() >= BENT else None


def advice(rows: Sequence[Row], best: str, knee: int | None) -> str:
    """The recommendation, in a sentence."""
    errors = dict(curve(rows, best))
    if knee is None:
        return unbent(errors, best)
    larger = min(size for size in errors if size > knee)
    saved = 100 * (1 - errors[larger] / max(errors[knee], 1e-300))
    more = f"{larger} would lower it by {saved:.0f} %"
    where = f"{dimensions(knee)}, where the curve bends"
    return f"Take {best} with {where}: error {number(errors[knee])}; {more}."


def unbent(errors: Mapping[int, float], best: str) -> str:
    """The recommendation where the curve of `errors` by size has no knee."""
    size = min(d for d in errors if errors[d] <= (1 + CLOSE) * min(errors.values()))
    few_sizes = "; a knee needs three code sizes" if len(errors) < 3 else ""
    if size < max(errors):
        more = f"no larger one of the sizes tried is better by more than {100 * CLOSE:.0f} %"
        return f"Take {best} with {dimensions(size)}: error {number(errors[size])}; {more}{few_sizes}."
    falls = few_sizes or "; it falls up to the largest size tried, and its curve has no bend"
    return f"Take {best} with {dimensions(size)} or more: error {number(errors[size])}{falls}."


def dimensions(size: int) -> str:
    return f"{size} latent dimension{'s' * (size > 1)}"
