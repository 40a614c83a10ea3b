"""The doctor's findings as the page shows them, each with a picture where that helps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from narrows.doctor.findings import Finding
from narrows.doctor.runs import alike, examine
from narrows.report import figures
from narrows.report.kinds import DRAWN
from narrows.runs.run import Run


def diagnosis(run: Run) -> list[tuple[Finding, str]]:
    """What the doctor finds, each with its picture or nothing."""
    found = examine(run)
    return [(finding, FIGURES[finding.name](run) if finding.name in FIGURES else "") for finding in found]


def carried(run: Run) -> str:
    """How much each dimension of the code tells."""
    assert run.evidence.nats is not None
    nats = run.evidence.nats[: figures.BARS]
    return figures.bars([str(i) for i in range(len(nats))], nats, "nats by dimension of the code")


def chosen(run: Run) -> str:
    """How often each thing was chosen, in order."""
    figure, axis = figures.axes(5.6, 2.6)
    assert run.evidence.used is not None
    used = np.sort(run.evidence.used)[::-1]
    axis.fill_between(
        np.arange(len(used)), 100 * used / used.sum(), step="mid", color=figures.OURS, linewidth=0
    )
    axis.set_xlabel("choices, the most frequent first")
    axis.set_ylabel("% of the rows' choices")
    return figures.drawing(figure, "how often each choice was made")


def residual(run: Run) -> str:
    """The direction that the residual has most in common with."""
    assert run.evidence.residual is not None
    return DRAWN[run.schema.kind].residual_direction(run, run.evidence.residual)


def copied(run: Run) -> str:
    """The two dimensions that are most alike, against each other."""
    codes = run.evidence.codes
    assert codes is not None
    _, i, j = max(alike(codes), key=lambda pair: abs(pair[0]))
    figure, axis = figures.axes(3.6, 3.2)
    axis.scatter(codes[:2000, i], codes[:2000, j], s=8, color=figures.OURS, alpha=0.6, linewidths=0)
    axis.set_xlabel(f"dimension {i}")
    axis.set_ylabel(f"dimension {j}")
    return figures.drawing(figure, "two dimensions of the code")


FIGURES: dict[str, Callable[[Run], str]] = {
    "posterior collapse": carried,
    "unused codes": chosen,
    "structure in the residual": residual,
    "copied dimensions": copied,
}
"""The pictures, by the name of the finding."""
