"""The page of the anomalies of a graph: the scores with their threshold, and what explains the highest."""

from __future__ import annotations

from typing import Any

from narrows.report import figures
from narrows.report.template import fill
from narrows.tasks.anomalies.node_reasons import WHY
from narrows.tasks.anomalies.node_survey import NodeSurvey

BINS, SHOWN = 60, 20
"""Bars of the histogram, and nodes that are shown."""


def render_node_anomalies(found: NodeSurvey) -> str:
    """The survey as a page of HTML."""
    with figures.house_style():
        return fill(
            "node_anomalies.html",
            {
                "found": found,
                "name": found.data.name,
                "histogram": histogram(found),
                "nodes": [explained(found, i) for i in found.order[:SHOWN]],
                "judged": found.judged if found.truth is not None else None,
            },
        )


def histogram(found: NodeSurvey) -> str:
    """A histogram of the scores, with the threshold."""
    figure, axis = figures.axes(6.4, 3.4)
    axis.hist(found.scores, BINS, color=figures.OURS, label="nodes")
    axis.axvline(found.flags.threshold, color=figures.PCA, linewidth=1.8, label="threshold")
    figures.logarithmic(axis)
    axis.set_xlabel("score")
    axis.set_ylabel("nodes")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figures.drawing(figure, "histogram of the scores with the threshold")


def explained(found: NodeSurvey, i: int) -> dict[str, Any]:
    """A node with the reasons of its score, for the page."""
    reasons, degree = found.reasons, int(found.linked.degrees[i])
    features = [f"{each.feature} ({each.higher:+.2f})" for each in reasons.differences(i)]
    return {
        "name": found.ids[i],
        "score": found.scores[i],
        "flagged": bool(found.flagged[i]),
        "degree": f"{degree:,}",
        "surprises": {name: float(each[i]) for name, each in found.surprises.items()},
        "why": WHY[reasons.largest[i]],
        "neighbours": ", ".join(found.ids[j] for j in reasons.neighbours[i] if j >= 0) or "–",
        "features": ", ".join(features) or "–",
    }
