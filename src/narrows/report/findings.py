"""The doctor's findings as the page shows them, each with a picture where that helps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from narrows.data.columns import value_names
from narrows.data.schema import Array
from narrows.doctor.findings import Finding
from narrows.doctor.runs import alike, examine
from narrows.report import figures
from narrows.runs.run import Run

SHOWN = 24
"""Bars in a picture at the most."""


def diagnosis(run: Run) -> list[tuple[Finding, str]]:
    """What the doctor finds, each with its picture or nothing."""
    found = examine(run)
    return [(finding, FIGURES[finding.name](run) if finding.name in FIGURES else "") for finding in found]


def carried(run: Run) -> str:
    """How much each dimension of the code tells."""
    nats = run.evidence["nats"][:SHOWN]
    return bars([str(i) for i in range(len(nats))], nats, "nats by dimension of the code")


def chosen(run: Run) -> str:
    """How often each thing was chosen, in order."""
    figure, axis = figures.axes(5.6, 2.6)
    used = np.sort(run.evidence["used"])[::-1]
    axis.fill_between(
        np.arange(len(used)), 100 * used / used.sum(), step="mid", color=figures.OURS, linewidth=0
    )
    axis.set_xlabel("choices, the most frequent first")
    axis.set_ylabel("% of the rows' choices")
    return figures.drawing(figure, "how often each choice was made")


def left(run: Run) -> str:
    """The direction that the residual has most in common with."""
    direction = run.evidence["residual"]
    if run.schema.kind == "table":
        most = np.argsort(-np.abs(direction), kind="stable")[:SHOWN]
        names = value_names(run.schema.columns)
        return bars([names[i] for i in most], direction[most], "part of the residual's direction")
    image = direction.reshape(run.schema.model_shape).mean(axis=0)
    largest = float(np.abs(image).max()) or 1.0
    figure, axis = figures.axes(3.2, 3.2)
    axis.imshow(image, cmap="RdBu_r", vmin=-largest, vmax=largest)
    axis.set_axis_off()
    return figures.drawing(figure, "what the residuals have in common")


def copied(run: Run) -> str:
    """The two dimensions that are most alike, against each other."""
    codes = run.evidence["codes"][:2000]
    _, i, j = max(alike(run.evidence["codes"]), key=lambda pair: abs(pair[0]))
    figure, axis = figures.axes(3.6, 3.2)
    axis.scatter(codes[:, i], codes[:, j], s=8, color=figures.OURS, alpha=0.6, linewidths=0)
    axis.set_xlabel(f"dimension {i}")
    axis.set_ylabel(f"dimension {j}")
    return figures.drawing(figure, "two dimensions of the code")


def bars(names: list[str], values: Array, label: str) -> str:
    """Bars to the side, one below the other."""
    figure, axis = figures.axes(5.6, 0.8 + 0.24 * len(names))
    heights = np.arange(len(names))[::-1]
    axis.barh(heights, values, color=figures.OURS, height=0.7)
    axis.set_yticks(heights, names)
    axis.tick_params(axis="y", length=0)
    axis.locator_params(axis="x", nbins=5)
    axis.set_xlabel(label)
    return figures.drawing(figure, label)


FIGURES: dict[str, Callable[[Run], str]] = {
    "posterior collapse": carried,
    "unused codes": chosen,
    "structure in the residual": left,
    "copied dimensions": copied,
}
"""The pictures, by the name of the finding."""
