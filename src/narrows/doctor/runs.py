"""What `narrows doctor` reports of a finished run, from its folder alone.

A run without defects has no findings. The thresholds of the checks were set so that none of the good runs in
their test reaches one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from narrows.core.errors import InputError
from narrows.core.findings import Finding, from_config
from narrows.data.kinds import KINDS
from narrows.doctor import links
from narrows.doctor.case import RunCase
from narrows.doctor.codes import (
    check_collapse,
    check_dimensions,
    check_ignored,
    check_noise,
    check_unused_codes,
)
from narrows.doctor.learning import (
    check_dead_units,
    check_outlying,
    check_overfitting,
    check_underfitting,
    check_yardstick,
)
from narrows.doctor.residuals import check_blur, check_residual
from narrows.runs.run import Run


def examine(run: Run) -> list[Finding]:
    """The defects of `run`; none if there are none.

    Consequences of a finding are left out: a collapsed code leaves a model that learned nothing.

    Raises:
        InputError: when the training has not finished.
    """
    if run.unfinished:
        raise InputError(run.unfinished)
    return EXAMINED[run.schema.judged_by](run)


def examine_values(run: Run) -> list[Finding]:
    """The defects of a run that reconstructs values."""
    case = RunCase.of(run)
    measured = [] if case is None else [check(case) for check in MEASURED.values()]
    findings = causes(chain(measured, (check(run) for check in KEPT.values())))
    return findings if case is not None else [*findings, unmeasured()]


def examine_edges(run: Run) -> list[Finding]:
    """The defects of a run of a graph."""
    return causes(check(run) for check in OF_EDGES.values())


def checks_of(run: Run) -> list[str]:
    """The names of the findings that `run` can have."""
    nouns, detailed = run.schema.nouns, bool(run.schema.spatial)
    named = (name.replace("images", nouns) for name in CHECKS)
    return [name for name in named if detailed or not name.startswith("blurred")]


def causes(findings: Iterable[Finding | None]) -> list[Finding]:
    """The findings that do not follow from an earlier one."""
    found: list[Finding] = []
    for finding in findings:
        if finding is not None and not any(finding.name in FOLLOWS.get(cause.name, ()) for cause in found):
            found.append(finding)
    return found


def unmeasured() -> Finding:
    """What is reported of a run of an earlier version, which did not measure what most checks need."""
    names = ", ".join(MEASURED)
    return Finding("skipped", "info", f"An earlier version of Narrows fitted this run; not checked: {names}.")


def check_leakage(run: Run) -> Finding | None:
    """Whether held-out rows have near-copies among the training rows, or rows are like the next one."""
    found = [finding for finding in from_config(run.config) if finding.name in LEAKS]
    if not found:
        return None
    text = " ".join(finding.evidence for finding in found)
    return Finding("split leakage", "warning", text, found[0].advice)


def check_identifiers(run: Run) -> Finding | None:
    """Whether row numbers, ids or times were among the columns."""
    return next((finding for finding in from_config(run.config) if finding.name == "identifiers"), None)


LEAKS = ("near-copies", "order")
"""Findings of a fit that `check_leakage` reports together."""

OF_FIT = (*LEAKS, "identifiers")
"""Findings of a fit that are reported of the run."""

MEASURED: dict[str, Callable[[RunCase], Finding | None]] = {
    "outlying rows": check_outlying,
    "posterior collapse": check_collapse,
    "dead units": check_dead_units,
    "underfitting": check_underfitting,
    "ignored code": check_ignored,
    "overfitting": check_overfitting,
    "unused codes": check_unused_codes,
    "noise is reproduced": check_noise,
    "structure in the residual": check_residual,
    "blurred images": check_blur,
    "worse than a simpler method": check_yardstick,
}
"""Checks of what was measured when the run was fitted, by the name of their finding, causes first."""

KEPT: dict[str, Callable[[Run], Finding | None]] = {
    "copied dimensions": check_dimensions,
    "split leakage": check_leakage,
    "identifiers": check_identifiers,
}
"""Checks of what every run folder holds, whatever version wrote it."""

OF_EDGES: dict[str, Callable[[Run], Finding | None]] = {
    "unused dimensions": links.check_still,
    "overfitting": links.check_overfitting,
    "worse than a simpler method": links.check_yardstick,
    "copied dimensions": check_dimensions,
}
"""Checks of a run of a graph."""

EXAMINED = {"values": examine_values, "edges": examine_edges}
"""How a run is examined, by `Schema.judged_by`."""

CHECKS = (*MEASURED, *KEPT)
"""The names of all findings of runs that reconstruct values; that of lost detail is of images."""

BLURRED = tuple(f"blurred {schema.nouns}" for schema in KINDS.values() if schema.spatial)
"""The finding of lost detail, by kind of data."""

SAME = ("structure in the residual", *BLURRED, "copied dimensions", "worse than a simpler method")
"""What follows where the output is nearly the same for all examples."""

FOLLOWS: dict[str, tuple[str, ...]] = {
    "posterior collapse": ("underfitting", "dead units", "ignored code", *SAME),
    "dead units": ("underfitting", "ignored code", *SAME),
    "ignored code": SAME,
    "underfitting": (*BLURRED, "worse than a simpler method"),
    "overfitting": ("noise is reproduced", "worse than a simpler method"),
    "structure in the residual": ("worse than a simpler method",),
    **dict.fromkeys(BLURRED, ("worse than a simpler method",)),
}
"""The consequences of a finding, which are not reported beside it."""
