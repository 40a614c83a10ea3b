"""The findings of the doctor on the page, some with a figure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from narrows.core.findings import Finding
from narrows.doctor.codes import alike
from narrows.doctor.runs import examine
from narrows.report import figures
from narrows.report.kinds import DRAWN
from narrows.runs.run import Run


def diagnosis(run: Run) -> list[tuple[Finding, str]]:
    """What the doctor finds, each with its figure or an empty text."""
    found = examine(run)
    return [(finding, FIGURES[finding.name](run) if finding.name in FIGURES else "") for finding in found]


def carried(run: Run) -> str:
    """The information in each latent dimension."""
    assert run.evidence.nats is not None
    nats = run.evidence.nats[: figures.BARS]
    return figures.bars([str(i) for i in range(len(nats))], nats, "nats per latent dimension")


def chosen(run: Run) -> str:
    """How often each entry was used, in descending order."""
    figure, axis = figures.axes(5.6, 2.6)
    assert run.evidence.used is not None
    used = np.sort(run.evidence.used)[::-1]
    axis.fill_between(
        np.arange(len(used)), 100 * used / used.sum(), step="mid", color=figures.OURS, linewidth=0
    )
    axis.set_xlabel("entries, the most frequent first")
    axis.set_ylabel("% of all uses")
    return figures.drawing(figure, "how often each entry was used")


def residual(run: Run) -> str:
    """The common direction of the residuals."""
    assert run.evidence.residual is not None
    return DRAWN[run.schema.kind].residual_direction(run, run.evidence.residual)


def copied(run: Run) -> str:
    """The two most strongly correlated latent dimensions, against each other."""
    codes = run.evidence.codes
    assert codes is not None
    _, i, j = max(alike(codes), key=lambda pair: abs(pair[0]))
    figure, axis = figures.axes(3.6, 3.2)
    axis.scatter(codes[:2000, i], codes[:2000, j], s=8, color=figures.OURS, alpha=0.6, linewidths=0)
    axis.set_xlabel(f"dimension {i}")
    axis.set_ylabel(f"dimension {j}")
    return figures.drawing(figure, "two latent dimensions")


FIGURES: dict[str, Callable[[Run], str]] = {
    "posterior collapse": carried,
    "unused codes": chosen,
    "structure in the residual": residual,
    "copied dimensions": copied,
}
"""Figures by the name of the finding."""
