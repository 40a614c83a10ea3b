"""Recipes and code sizes compared: held-out error against latent dimensions, beside that of a yardstick."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from narrows.core.errors import InputError, few
from narrows.core.numbers import number
from narrows.data.examples import Data
from narrows.evaluation.link_verdict import percent
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
        `rows`, one per fit: recipe, latent_dim, verdict, and the entries of `of_values` or `of_edges`;
        `judged_by`, which of these; `best`, the recipe with the smallest mean logarithm of the error; `knee`,
        the latent dimensions at which its curve bends, None where it does not; `sentence`, the
        recommendation.
    """
    if not recipes or not latent_dims:
        raise InputError("A comparison takes at least one recipe and one code size.")
    training = {} if epochs is None else {"epochs": epochs}
    rows: list[Row] = []
    recipes, by = list(dict.fromkeys(map(recipe_name, recipes))), JUDGED[data.schema.judged_by]
    for recipe, size in product(recipes, sorted(set(latent_dims))):
        changes = {"training": training}
        run = fit(data, recipe=recipe, latent_dim=size, overrides=changes, seed=seed, device=device)
        rows.append({"recipe": recipe, "latent_dim": size, **by.entries(run.metrics)})
        if on_fit:
            on_fit(rows[-1])
    best = min(recipes, key=lambda recipe: sum(math.log(e + 1e-300) for _, e in curve(rows, recipe, by)))
    knee = bend(curve(rows, best, by))
    sentence = advice(rows, best, knee, by) + left_out(rows)
    return {
        "rows": rows, "judged_by": data.schema.judged_by, "best": best, "knee": knee, "sentence": sentence
    }  # fmt: skip


def of_values(metrics: Mapping[str, Any]) -> Row:
    """The errors `mse` and `pca_mse` of a run, `ratio_ci95` and verdict.

    Where a few rows hold most of an error, also their names `outlying`, and the error without them
    `usual_mse`, which is then compared.
    """
    errors = {key: metrics["held_out"][key] for key in ("mse", "pca_mse", "ratio_ci95")}
    found = Verdict.from_metrics(metrics)
    apart = {"outlying": list(found.outlying.names), "usual_mse": found.usual.mse} if found.outlying else {}
    return {**errors, "verdict": found.outcome, **apart}


def of_edges(metrics: Mapping[str, Any]) -> Row:
    """`auc` and `ap` on held-out edges, those of the best yardstick and its name, `gain_ci95` and verdict.

    `error` is 1 - AUC, the share of edges and other pairs, two by two, in the wrong order.
    """
    held_out = metrics["held_out"]
    theirs = held_out["yardsticks"][held_out["yardstick"]]
    ours = {key: held_out[key] for key in ("auc", "ap", "yardstick", "gain_ci95")}
    beside = {"yardstick_auc": theirs["auc"], "yardstick_ap": theirs["ap"]}
    errors = {"error": 1 - held_out["auc"], "yardstick_error": 1 - theirs["auc"]}
    return {**ours, **beside, **errors, "verdict": metrics["verdict"]["outcome"]}


class Judged(NamedTuple):
    """How fits are compared.

    Attributes:
        entries: of a row, from the metrics of its run.
        error: of a row; smaller is better.
        said: an error in words.
        lowered: the word for what a larger code lowers.
    """

    entries: Callable[[Mapping[str, Any]], Row]
    error: Callable[[Row], float]
    said: Callable[[float], str]
    lowered: str = "it"


BY_VALUES = Judged(
    of_values, lambda row: row["usual_mse" if "usual_mse" in row else "mse"], lambda e: f"error {number(e)}"
)
BY_EDGES = Judged(of_edges, lambda row: row["error"], lambda e: f"AUC {percent(1 - e)}", "1 - AUC")

JUDGED = {"values": BY_VALUES, "edges": BY_EDGES}
"""By `Schema.judged_by`."""


def left_out(rows: Sequence[Row]) -> str:
    """A sentence on rows that hold most of an error; nothing where there are none."""
    names = list(dict.fromkeys(name for row in rows for name in row.get("outlying", ())))
    return f" Compared without {few(names)}: most of an error lies there." if names else ""


def curve(rows: Sequence[Row], recipe: str, by: Judged) -> list[tuple[int, float]]:
    """Latent dimensions and errors of one recipe, without outlying rows."""
    return [(row["latent_dim"], by.error(row)) for row in rows if row["recipe"] == recipe]


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


def advice(rows: Sequence[Row], best: str, knee: int | None, by: Judged) -> str:
    """The recommendation, in a sentence."""
    errors = dict(curve(rows, best, by))
    if knee is None:
        return unbent(errors, best, by)
    larger = min(size for size in errors if size > knee)
    saved = 100 * (1 - errors[larger] / max(errors[knee], 1e-300))
    more = f"{larger} would lower {by.lowered} by {saved:.0f} %"
    where = f"{dimensions(knee)}, where the curve bends"
    return f"Take {best} with {where}: {by.said(errors[knee])}; {more}."


def unbent(errors: Mapping[int, float], best: str, by: Judged) -> str:
    """The recommendation where the curve of `errors` by size has no knee."""
    size = min(d for d in errors if errors[d] <= (1 + CLOSE) * min(errors.values()))
    few_sizes = "; a knee needs three code sizes" if len(errors) < 3 else ""
    if size < max(errors):
        more = f"no larger one of the sizes tried is better by more than {100 * CLOSE:.0f} %"
        return f"Take {best} with {dimensions(size)}: {by.said(errors[size])}; {more}{few_sizes}."
    falls = few_sizes or f"; {by.lowered} falls up to the largest size tried, and its curve has no bend"
    return f"Take {best} with {dimensions(size)} or more: {by.said(errors[size])}{falls}."


def dimensions(size: int) -> str:
    return f"{size} latent dimension{'s' * (size > 1)}"
