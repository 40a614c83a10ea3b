"""The section on what each latent dimension means."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from narrows.evaluation.latent_dimensions import dimensions
from narrows.report.kinds.base import Dimension
from narrows.runs.run import Run

SHOWN = 12
"""Latent dimensions that are shown, at the most."""


def meaning(run: Run) -> list[Dimension]:
    """The most important latent dimensions; none where that was not measured."""
    if run.evidence.meaning is None:
        return []
    groups = [list(group) for _, group in groupby(dimensions(run), itemgetter("dimension"))][:SHOWN]
    return [Dimension(rows[0]["dimension"], 100 * rows[0]["importance"], rows) for rows in groups]
