"""Recipes and code sizes compared: held-out error against latent dimensions, beside that of a yardstick."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from statistics import fmean, stdev
from typing import Any, NamedTuple

from narrows.core.errors import InputError, TrainingError, few
from narrows.core.numbers import mean_and_spread, percents
from narrows.core.registry import within
from narrows.data.examples import Data
from narrows.evaluation.verdict import Verdict
from narrows.fitting.fit import fit
from narrows.model.recipe_names import recipe_name
from narrows.tasks.recommendation import Curve, Words, recommend

Row = dict[str, Any]


def compare(
    data: Data,
    recipes: Sequence[str],
    latent_dims: Sequence[int],
    *,
    epochs: int | None = None,
    seed: int = 0,
    seeds: int = 1,
    device: str = "auto",
    on_row: Callable[[Row], None] | None = None,
) -> dict[str, Any]:
    """Fit each recipe with each number of latent dimensions, all on the same parts of the data.

    Args:
        data: as a reader gives them.
        recipes: names in `RECIPES`.
        latent_dims: numbers of latent dimensions.
        epochs: of each training; chosen from the size of the data when None.
        seed: of the parts and of every training.
        seeds: how many seeds each is fitted with, from `seed` on; each has its own parts of the data.
        device: "auto", or a torch device.
        on_row: called with each row, and before it with its fits, if there are several seeds or one `failed`.

    Returns:
        `rows`, one per recipe and size, as `pooled` describes; `seeds`; `failed`, the trainings that stopped
        because a number was not finite, with recipe, latent_dim, seed and the reason `stopped`; `judged_by`,
        of the rows; and the entries of a `Recommendation`.

    Raises:
        InputError: as `fit`.
        TrainingError: when all trainings stop.
    """
    if not recipes or not latent_dims:
        raise InputError("A comparison takes at least one recipe and one code size.")
    within("seeds", seeds, 1, 10_000)
    within("seed", seed, 0, 2**32 - seeds)
    recipes, by = list(dict.fromkeys(map(recipe_name, recipes))), JUDGED[data.schema.judged_by]
    tell: Callable[[Row], None] = on_row or (lambda record: None)
    rows: list[Row] = []
    failed: list[Row] = []
    for recipe, size in product(recipes, sorted(set(latent_dims))):
        how = {"recipe": recipe, "latent_dim": size, "epochs": epochs, "device": device}
        fits: list[Row] = []
        for each in range(seed, seed + seeds):
            found = fitted(data, by, how, each)
            (failed if "stopped" in found else fits).append(found)
            if seeds > 1 or "stopped" in found:
                tell(found)
        for row in pooled(fits):
            rows.append(row)
            tell(row)
    known = {"seeds": [*range(seed, seed + seeds)], "failed": failed, "judged_by": data.schema.judged_by}
    return {"rows": rows, **known, **recommended(rows, failed, by)}


def recommended(rows: Sequence[Row], failed: Sequence[Row], by: Judged) -> dict[str, Any]:
    """The entries of a `Recommendation`, its sentence with what was left out.

    Raises:
        TrainingError: where there are no rows, because all trainings `failed`.
    """
    if not rows:
        raise TrainingError(failed[0]["stopped"])
    recipes = dict.fromkeys(row["recipe"] for row in rows)
    found = recommend({recipe: curve(rows, recipe, by) for recipe in recipes}, by.words)
    return {**found._asdict(), "sentence": found.sentence + left_out(rows) + stopped(failed)}


def fitted(data: Data, by: Judged, how: Mapping[str, Any], seed: int) -> Row:
    """What `how` describes, fitted with `seed`: its errors, or the reason why its training `stopped`."""
    training = {} if how["epochs"] is None else {"epochs": how["epochs"]}
    choice = {"recipe": how["recipe"], "latent_dim": how["latent_dim"]}
    try:
        run = fit(data, **choice, overrides={"training": training}, seed=seed, device=how["device"])
    except TrainingError as error:
        return {**choice, "seed": seed, "stopped": str(error)}
    return {**choice, "seed": seed, **by.entries(run.metrics)}


def pooled(fits: Sequence[Row]) -> list[Row]:
    """The row of fits that differ by their seeds alone, in a list; none of no fits. `fits` are all of them.

    Of several it has the means of their numbers, and as `std` the standard deviations of these by name; the
    verdict if they share it, else "cannot tell"; the names of yardsticks and outlying rows of all. Of one it
    has all entries, and `std` is None.
    """
    if not fits:
        return []
    if any("usual_mse" in fit for fit in fits):
        fits = [{"usual_mse": BY_VALUES.error(fit), **fit} for fit in fits]
    first = {key: value for key, value in fits[0].items() if key != "seed"}
    if len(fits) == 1:
        return [{**first, "std": None, "fits": [*fits]}]
    numbers = {key: [fit[key] for fit in fits] for key, value in first.items() if isinstance(value, float)}
    verdicts = {fit["verdict"] for fit in fits}
    row = {**first, **{key: fmean(values) for key, values in numbers.items()}}
    row["verdict"] = verdicts.pop() if len(verdicts) == 1 else "cannot tell"
    if "yardstick" in row:
        row["yardstick"] = ", ".join(dict.fromkeys(fit["yardstick"] for fit in fits))
    if names := outlying(fits):
        row["outlying"] = names
    for of_one in ("ratio_ci95", "gain_ci95"):
        row.pop(of_one, None)
    return [{**row, "std": {key: stdev(values) for key, values in numbers.items()}, "fits": [*fits]}]


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
        entries: of a fit, from the metrics of its run.
        error: of a fit or a row; smaller is better.
        words: for errors.
    """

    entries: Callable[[Mapping[str, Any]], Row]
    error: Callable[[Row], float]
    words: Words


def said_of_values(errors: Sequence[float]) -> str:
    return f"error {mean_and_spread(errors)}"


def said_of_edges(errors: Sequence[float]) -> str:
    return f"AUC {percents([1 - error for error in errors])}"


BY_VALUES = Judged(
    of_values, lambda row: row["usual_mse" if "usual_mse" in row else "mse"], Words(said_of_values)
)
BY_EDGES = Judged(of_edges, lambda row: row["error"], Words(said_of_edges, "1 - AUC"))

JUDGED = {"values": BY_VALUES, "edges": BY_EDGES}
"""By `Schema.judged_by`."""


def outlying(rows: Sequence[Row]) -> list[str]:
    """The names of rows of the data that hold most of an error."""
    return list(dict.fromkeys(name for row in rows for name in row.get("outlying", ())))


def left_out(rows: Sequence[Row]) -> str:
    """A sentence on rows that hold most of an error; nothing where there are none."""
    names = outlying(rows)
    return f" Compared without {few(names)}: most of an error lies there." if names else ""


def stopped(failed: Sequence[Row]) -> str:
    """A sentence on trainings that stopped; nothing where there are none."""
    names = [f"{fit['recipe']} {fit['latent_dim']} with seed {fit['seed']}" for fit in failed]
    return f" Left out, because the training stopped: {few(names)}." if names else ""


def curve(rows: Sequence[Row], recipe: str, by: Judged) -> Curve:
    """Errors of one recipe by latent dimensions and seed, without outlying rows."""
    mine = (row for row in rows if row["recipe"] == recipe)
    return {row["latent_dim"]: {fit["seed"]: by.error(fit) for fit in row["fits"]} for row in mine}
