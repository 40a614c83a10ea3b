"""A finding: what every check of the doctor returns.

A check looks at one thing and returns a finding, or None when there is nothing to say. What needs no
attention is "info"; a "warning" makes a fit worse than it could be, or its verdict too good; an
"error" is what `fit` would refuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "error"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
"""From the mildest to the worst."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        name: of the check.
        severity: info, warning or error.
        evidence: what was seen, in numbers.
        advice: what to do about it; empty where nothing needs doing.
    """

    name: str
    severity: Severity
    evidence: str
    advice: str = ""

    @property
    def paragraph(self) -> str:
        return f"{self.severity}: {self.name}: {self.evidence} {self.advice}".rstrip()


def worst(findings: Sequence[Finding]) -> Severity:
    """The worst severity among `findings`."""
    return max((finding.severity for finding in findings), key=SEVERITIES.index, default="info")


def percent(share: float) -> str:
    """A share as people read it.

    >>> percent(0.123), percent(0.004)
    ('12 %', '0.4 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else f"{100 * share:.1g} %"


def said(warning: str) -> tuple[str, str]:
    """A sentence of evidence with its advice, apart."""
    evidence, advice = warning.rstrip(".").split("; ")
    return f"{evidence}.", f"{advice[0].upper()}{advice[1:]}."
