"""Rows of a table: cells as text, columns as bars and dots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from narrows.data.columns import Column, model_order
from narrows.data.kinds.shared_unit import in_order
from narrows.data.schema import Array, Schema
from narrows.data.tables.notation import PLAIN
from narrows.report import figures
from narrows.report.kinds.base import Dimension, ExampleDrawing, Outlier, held_out_groups
from narrows.report.ranges import usual_range
from narrows.report.template import section
from narrows.runs.run import Run
from narrows.tasks.anomalies.survey import Survey
from narrows.tasks.generation.interpolate import interpolate
from narrows.tasks.generation.sample import sample

PROFILED = 30
"""Columns of a row that are drawn beside its reconstruction, at the most."""

MADE = 6
"""Samples, and steps of a path, that are shown as columns of a table."""


class Table(ExampleDrawing):
    """Rows of a table with numbers, booleans and categories."""

    def size(self, run: Run) -> str:
        return f"{super().size(run)} columns"

    def error_unit(self, schema: Schema) -> str:
        words = "; of categories, the squared error of their one-hot values" if schema.has_levels else ""
        return (
            f"Mean squared error per cell, in variances of its column, or of all columns where they share a "
            f"scale{words}"
        )

    def explained(self, run: Run) -> str:
        columns = explained_columns(run)
        all_shown = len(columns) >= run.schema.shape[0]
        return (
            section(
                "table.html",
                "explained",
                columns=columns,
                categories=run.schema.has_levels,
                all_shown=all_shown,
            )
            if columns
            else ""
        )

    def examples(self, run: Run) -> str:
        return section(
            "table.html", "examples", profiles=profiles(run), shortened=run.schema.shape[0] > PROFILED
        )

    def new_examples(self, run: Run) -> str:
        drawn, note = sample(run, MADE)
        ends = np.stack([run.evidence.median.originals[0], run.evidence.worst.originals[0]])
        walk = interpolate(run, ends, MADE)["linear"].values
        columns = zip(run.schema.columns, drawn.T, walk.T, strict=True)
        rows = [(column.name, [*map(column.show, a)], [*map(column.show, b)]) for column, a, b in columns]
        return section("table.html", "new_examples", note=note, rows=rows)

    def dimensions(self, run: Run, found: Sequence[Dimension]) -> str:
        return section("table.html", "dimensions", rows=[(each, related_columns(each)) for each in found])

    def dimensions_note(self, schema: Schema) -> str:
        return "An arrow up means that the column rises with the dimension, an arrow down that it falls."

    def residual_direction(self, run: Run, direction: Array) -> str:
        most = np.argsort(-np.abs(direction), kind="stable")[: figures.BARS]
        names = run.schema.value_names
        return figures.bars(
            [shortened(names[i]) for i in most],
            direction[most],
            "weight in the common direction of the residuals",
        )

    def outliers(self, found: Survey, rows: Sequence[Outlier]) -> str:
        return section("table.html", "outliers", rows=list(zip(rows, reasons(found), strict=True)))

    def live_drawing(self, run: Run) -> str:
        return "curves" if are_curves(run) else super().live_drawing(run)

    def live_sample(self, run: Run) -> dict[str, Any]:
        first = starts(run.schema)
        columns = [described(column, run, first[j]) for j, column in enumerate(run.schema.columns)]
        return {"columns": columns, "curve": usual_heights(run) if are_curves(run) else None}


def are_curves(run: Run) -> bool:
    """Whether rows are drawn as curves: their columns share a unit and are places in order."""
    schema, originals = run.schema, run.evidence.originals
    if originals is None or schema.has_levels or not run.scaling.shared:
        return False
    return in_order(originals, schema.names)


def usual_heights(run: Run) -> tuple[float, float]:
    """The range of the curves of held-out rows, without a few that reach far beyond the others."""
    assert run.evidence.originals is not None
    rows = run.evidence.originals[~np.isnan(run.evidence.originals).all(axis=1)]
    return usual_range(np.nanmin(rows, axis=1))[0], usual_range(np.nanmax(rows, axis=1))[1]


MOST_COLUMNS = 24
"""Columns that are listed with the share explained: beyond that the best and the worst half of them."""


def explained_columns(run: Run) -> list[tuple[str, float, float]]:
    """How much of each column the model and PCA explain, on held-out rows.

    Returns:
        Name, percent of the variance explained by the model, and by PCA, of each column that varies, best
        first; nothing for a run that did not measure it.
    """
    errors = run.evidence.by_column
    if errors is None:
        return []
    names = [run.schema.columns[j].name for j in model_order(run.schema.columns)]
    found = [
        (name, 100 * (1 - ours / mean), 100 * (1 - pca / mean))
        for name, ours, pca, mean in zip(names, errors.ours, errors.pca, errors.mean, strict=True)
        if mean > 0
    ]
    found.sort(key=lambda row: -row[1])
    half = MOST_COLUMNS // 2
    return found if len(found) <= MOST_COLUMNS else [*found[:half], *found[-half:]]


def profiles(run: Run) -> str:
    """A row of each group and its reconstruction, column by column, in standard deviations."""
    labels = [shortened(name) for name in run.schema.value_names[:PROFILED]]
    groups = held_out_groups(run)
    heights = np.arange(len(labels))[::-1]
    figure = Figure(figsize=(7.5 + 0.07 * max(map(len, labels)), 1.2 + 0.22 * len(labels)))
    for axis, (title, lines) in zip(
        figure.subplots(1, len(groups), sharey=True), groups.items(), strict=True
    ):
        pair = np.stack([lines["original"][0], lines["reconstructed"][0]])
        draw_profile(axis, heights, *run.scaled(pair)[:, : len(labels)])
        axis.set_title(title, fontsize=11)
        axis.set_yticks(heights, labels)
        axis.tick_params(axis="y", length=0)
    words = "; categories: 0 or 1" if run.schema.has_levels else ""
    shared = run.scaling.shared
    scale = "values on the model's scale" if shared else "standard deviations from the column's mean"
    figure.supxlabel(f"{scale}{words}", fontsize=11, y=0.0)
    figure.legend(*axis.get_legend_handles_labels(), loc="lower center", bbox_to_anchor=(0.5, 0.98), ncols=2)
    figure.tight_layout()
    return figures.drawing(figure, "originals and reconstructions")


LONGEST = 30
"""Letters of a name in a figure, at the most."""


def shortened(name: str) -> str:
    """`name` for a figure: of a long one the beginning and the end.

    >>> shortened("average annual household income after taxes")
    'average annual …me after taxes'
    """
    half = LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[:half]}…{name[1 - half :]}"


def draw_profile(axis: Axes, heights: Array, x: Array, y: Array) -> None:
    """The original `x` as rings, its reconstruction `y` as dots, joined by lines."""
    axis.hlines(heights, np.minimum(x, y), np.maximum(x, y), color=figures.FAINT, linewidth=1)
    rings: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": figures.INK, "markersize": 6}
    axis.plot(x, heights, "o", **rings, label="original")
    axis.plot(y, heights, "o", color=figures.OURS, markersize=4, label="reconstructed")


RELATED, WORTH_NAMING = 5, 0.05
"""Columns that are named with a latent dimension, and the least share of a column that is named."""


def related_columns(found: Dimension) -> list[dict[str, Any]]:
    """The columns that a latent dimension explains best: name, percent explained, correlation."""
    told = [row for row in found.rows if row["share"] >= WORTH_NAMING][:RELATED] or found.rows[:1]
    return [
        {"name": row["column"], "share": 100 * row["share"], "correlation": row["correlation"]}
        for row in told
    ]


class Reason(NamedTuple):
    """A column that explains a score: its name, its share in percent, the cell, and that of similar rows."""

    name: str
    share: float
    cell: str
    usual: str


LISTED = 6
"""Columns that are listed with a row, at the most."""


def reasons(found: Survey) -> list[list[Reason]]:
    """The columns that explain the score of each row that is shown, the largest share first."""
    values = found.shown.array
    both = found.detector.neighbour_means(values), found.detector.contributions(values)
    return [reasons_of(found.run.schema, *three) for three in zip(values, *both, strict=True)]


def reasons_of(schema: Schema, row: Array, usual: Array, contributions: Array) -> list[Reason]:
    """The columns that explain the score of `row`, the largest share first."""
    columns, share = schema.columns, 100 * contributions / max(float(contributions.sum()), 1e-300)
    first = starts(schema)
    return [
        Reason(
            columns[j].name,
            float(share[j]),
            cell_in_print(row[j], columns[j]),
            typical(row[j], columns[j], usual[first[j] :]),
        )
        for j in np.argsort(-share, kind="stable")[:LISTED]
        if share[j] >= 1
    ]


def typical(code: float, column: Column, usual: Array) -> str:
    """What similar rows have in a column: the mean, or the share of the same word; `usual` starts there."""
    if not column.levels:
        return f"similar rows {column.show(usual[0])}"
    if not np.isfinite(code):
        return "unlike in similar rows"
    same = usual[int(code)] if column.nature == "category" else usual[0] if code else 1 - usual[0]
    return f"as in {100 * np.clip(same, 0, 1):.0f} % of similar rows"


def cell_in_print(code: float, column: Column) -> str:
    """A cell as text; an infinite one is no number or word of its column, or far out of its range."""
    if np.isinf(code):
        return "never seen"
    return "missing" if np.isnan(code) else column.show(code)


def starts(schema: Schema) -> dict[int, int]:
    """By the number of a column the place of its first value in the model's layout."""
    assert schema.starts is not None
    return {j: int(start) for j, start in zip(model_order(schema.columns), schema.starts, strict=True)}


def described(column: Column, run: Run, place: int) -> dict[str, Any]:
    """A column for the live part: name, nature, words, and the range of its numbers in the training part."""
    low, high = float(run.scaling.floor[place]), float(run.scaling.ceiling[place])
    return {
        "name": column.name,
        "nature": column.nature,
        "whole": column.whole,
        "words": column.levels,
        "range": [0, max(1, len(column.levels) - 1)] if column.levels else [low, high],
        "since": column.dates and [column.dates.origin, *column.dates.shown],
        "marks": None if column.notation == PLAIN else column.notation[:4],
    }
