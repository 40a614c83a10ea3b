"""The section on what each number of the code means: columns that go with it, or pictures along it."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

from narrows.evaluation.latent_dimensions import dimensions, traversal
from narrows.report import figures
from narrows.runs.run import Run

SHOWN, COLUMNS, EXPLAINED = 12, 5, 0.05
"""Numbers of the code that are shown, columns of each, and the share of a column that is worth a word."""


def meaning(run: Run) -> list[dict[str, Any]]:
    """The most important numbers of the code, each with columns or pictures; nothing where not measured."""
    if "importance" not in run.evidence:
        return []
    rows = [list(group) for _, group in groupby(dimensions(run), itemgetter("dimension"))][:SHOWN]
    tell = pictured if run.schema.kind == "images" else listed
    heads = ({"dimension": g[0]["dimension"], "importance": 100 * g[0]["importance"]} for g in rows)
    return [
        {"columns": [], "pictures": [], **head, **tell(run, g)} for head, g in zip(heads, rows, strict=True)
    ]


def listed(run: Run, group: list[dict[str, Any]]) -> dict[str, Any]:
    """The columns of a table that go with a number."""
    told = [row for row in group if row["share"] >= EXPLAINED][:COLUMNS] or group[:1]
    return {
        "columns": [
            {"name": row["column"], "share": 100 * row["share"], "correlation": row["correlation"]}
            for row in told
        ]
    }


def pictured(run: Run, group: list[dict[str, Any]]) -> dict[str, Any]:
    """Images along a number."""
    found = traversal(run, group[0]["dimension"])
    low, high = figures.display_range([run.evidence["median_originals"], found], run.schema.dtype)
    return {"pictures": figures.pictures(run, found, low, high)}
