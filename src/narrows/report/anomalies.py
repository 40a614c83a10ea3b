"""The page of anomalies: where the threshold lies among the scores, and why the rows on top are there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from narrows.data.columns import blocks, cells
from narrows.data.schema import Array
from narrows.report import figures
from narrows.report.pages import fill
from narrows.tasks.anomalies.detector import SHOWN, Survey

BINS = 60
"""Bars of the histogram."""

LISTED = 6
"""Columns that are listed with a row at the most."""


class Reason(NamedTuple):
    """A column of a row: its name, its share of the score in percent, its cell, and its neighbours'."""

    name: str
    share: float
    cell: str
    usual: str


class Oddity(NamedTuple):
    """A row that is shown: its name, its score, its p-value, whether it is flagged, and why."""

    name: str
    score: float
    p: float
    flagged: bool
    reasons: list[Reason]
    pictures: list[str]


def render_anomalies(found: Survey) -> str:
    """The survey as a page of HTML."""
    with figures.house_style():
        return fill(
            "anomalies.html",
            {
                "found": found,
                "name": found.data.name,
                "histogram": histogram(found),
                "rows": oddities(found),
                "images": found.run.schema.kind == "images",
                "judged": found.judged if found.truth is not None else None,
                "held_out": len(found.detector.held_out),
                "shown": min(SHOWN, len(found.scores)),
            },
        )


def histogram(found: Survey) -> str:
    """How many rows score how much, the held-out ones beside them, and the threshold."""
    figure, axis = figures.axes(6.4, 3.4)
    held_out = found.detector.held_out
    both = np.concatenate([found.scores, held_out])
    # A few rows very far out would leave but a line of all others.
    low, high = both.min(), min(both.max(), found.threshold.score + 3 * np.ptp(held_out) + 1e-9)
    edges = np.linspace(low, max(high, low + 1e-9), BINS + 1)
    share = len(found.scores) / max(1, len(held_out))
    axis.hist(np.minimum(found.scores, high), edges.tolist(), color=figures.OURS, label="these rows")
    axis.hist(
        np.minimum(held_out, high), edges.tolist(), weights=np.full(len(held_out), share), histtype="step",
        color=figures.INK, linewidth=1.3, label="rows held out of the fitting, drawn to the same number",
    )  # fmt: skip
    axis.axvline(found.threshold.score, color=figures.PCA, linewidth=1.8, label="threshold")
    figures.logarithmic(axis)
    axis.set_xlabel("score" if high >= both.max() else "score; whatever lies further out is in the last bar")
    axis.set_ylabel("rows")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, columnspacing=1.0, fontsize=9.5)
    return figures.drawing(figure, "histogram of the scores with the threshold")


def oddities(found: Survey) -> list[Oddity]:
    """The rows with the highest scores, with what made them so."""
    values = found.shown.array
    contributions = found.detector.contributions(values)
    drawn = pictures(found, values, contributions)
    told = [] if drawn else explained(found, values, contributions)
    return [
        Oddity(
            found.ids[row],
            float(found.scores[row]),
            float(found.p[row]),
            bool(found.flagged[row]),
            told[i] if told else [],
            drawn[i] if drawn else [],
        )
        for i, row in enumerate(found.order[:SHOWN])
    ]


def explained(found: Survey, values: Array, contributions: Array) -> list[list[Reason]]:
    """The reasons for each row of a table."""
    usual = found.detector.usual(values)
    return [reasons(found, *three) for three in zip(values, usual, contributions, strict=True)]


def reasons(found: Survey, row: Array, usual: Array, contributions: Array) -> list[Reason]:
    """The columns that made the score of `row`, the largest first."""
    columns, starts = found.run.schema.columns, found.run.schema.starts
    assert starts is not None
    first = dict(zip(blocks(columns), starts, strict=True))
    share = 100 * contributions / max(float(contributions.sum()), 1e-300)
    return [
        Reason(
            columns[j].name,
            float(share[j]),
            shown(row[j], columns[j]),
            typical(row[j], columns[j], usual[first[j] :]),
        )
        for j in np.argsort(-share, kind="stable")[:LISTED]
        if share[j] >= 1
    ]


def shown(code: Any, column: Any) -> str:
    """A cell as people read it."""
    if np.isnan(code):
        return "missing"
    cell = cells(np.array([code]), column).tolist()[0]
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def typical(code: Any, column: Any, usual: Array) -> str:
    """What others have in a column: a mean, or how many have the same word; `usual` begins with it."""
    if not column.levels or np.isnan(code):
        return f"{usual[0]:.4g}" if not column.levels else "not"
    same = usual[int(code)] if column.nature == "category" else usual[0] if code else 1 - usual[0]
    return f"{100 * np.clip(same, 0, 1):.0f} % {shown(code, column)}"


def pictures(found: Survey, values: Array, contributions: Array) -> list[list[str]]:
    """Of each image itself, what the model makes of it, and its map; of a table nothing."""
    if found.run.schema.kind != "images":
        return []
    guess = found.run.reconstruct(values)
    low, high = figures.display_range([values, guess], found.run.schema.dtype)
    maps = figures.heat(contributions)
    lines = [figures.pictures(found.run, array, low, high) for array in (values, guess)]
    return [list(three) for three in zip(*lines, maps, strict=True)]
