"""The page of anomalies: the scores with their threshold, and what explains the highest."""

from __future__ import annotations

import numpy as np

from narrows.report import figures
from narrows.report.kinds import DRAWN
from narrows.report.kinds.base import Outlier
from narrows.report.template import fill
from narrows.tasks.anomalies.survey import SHOWN, Survey

BINS = 60
"""Bars of the histogram."""


def render_anomalies(found: Survey) -> str:
    """The survey as a page of HTML."""
    with figures.house_style():
        return fill(
            "anomalies.html",
            {
                "found": found,
                "name": found.data.name,
                "histogram": histogram(found),
                "outliers": DRAWN[found.run.schema.kind].outliers(found, outliers(found)),
                "whole": DRAWN[found.run.schema.kind].whole(found),
                "judged": found.judged if found.truth is not None else None,
                "held_out": len(found.detector.held_out),
                "shown": min(SHOWN, len(found.scores)),
            },
        )


def histogram(found: Survey) -> str:
    """A histogram of the scores, with that of the held-out rows and the threshold."""
    figure, axis = figures.axes(6.4, 3.4)
    held_out = found.detector.held_out
    both = np.concatenate([found.scores, held_out])
    # A few very high scores would compress all others into one bar.
    low, high = both.min(), min(both.max(), found.flags.threshold + 3 * np.ptp(held_out) + 1e-9)
    edges = np.linspace(low, max(high, low + 1e-9), BINS + 1)
    share = len(found.scores) / max(1, len(held_out))
    axis.hist(np.minimum(found.scores, high), edges.tolist(), color=figures.OURS, label="these rows")
    axis.hist(
        np.minimum(held_out, high), edges.tolist(), weights=np.full(len(held_out), share), histtype="step",
        color=figures.INK, linewidth=1.3, label="held-out rows, scaled to the same number",
    )  # fmt: skip
    axis.axvline(found.flags.threshold, color=figures.PCA, linewidth=1.8, label="threshold")
    figures.logarithmic(axis)
    axis.set_xlabel("score" if high >= both.max() else "score; the last bar has all higher scores")
    axis.set_ylabel("rows")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, columnspacing=1.0, fontsize=9.5)
    return figures.drawing(figure, "histogram of the scores with the threshold")


def outliers(found: Survey) -> list[Outlier]:
    """The rows with the highest scores, the highest first."""
    return [
        Outlier(
            found.ids[row],
            float(found.scores[row]),
            float(found.p[row]),
            bool(found.flagged[row]),
            str(found.places[row]),
        )
        for row in found.order[:SHOWN]
    ]
