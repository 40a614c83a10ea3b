"""What a check returns: a finding, or None when there is nothing to report.

A check looks at one thing, before a fit, during it, or on the finished run. What needs no attention is
"info"; a "warning" makes a fit worse than it could be, or its verdict too good; an "error" is what `fit`
would refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
"""From the mildest to the worst."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        name: of the check.
        severity: info, warning or error.
        evidence: what was seen, with numbers: sentences.
        advice: what to do about it, a sentence; empty where nothing needs doing.
    """

    name: str
    severity: Severity
    evidence: str
    advice: str = ""

    @property
    def paragraph(self) -> str:
        """Everything, for a person."""
        return f"{self.severity}: {self.name}: {self.evidence} {self.advice}".rstrip()

    @property
    def sentence(self) -> str:
        """Evidence and advice as one sentence, as a fit warns.

        >>> Finding("order", "warning", "Rows are sorted.", "Shuffle them.").sentence
        'Rows are sorted; shuffle them.'
        """
        return f"{self.evidence.removesuffix('.')}; {self.advice[:1].lower()}{self.advice[1:]}"


def in_config(findings: Sequence[Finding]) -> dict[str, Any]:
    """What a run's config says of the findings of its fit: records, and warnings as sentences."""
    return {"warnings": [f.sentence for f in findings], "findings": [asdict(f) for f in findings]}


def from_config(config: Mapping[str, Any]) -> list[Finding]:
    """The findings of a fit that `in_config` wrote down."""
    return [Finding(**record) for record in config.get("findings", [])]


def worst(findings: Sequence[Finding]) -> Severity:
    """The worst severity among `findings`."""
    return max((finding.severity for finding in findings), key=SEVERITIES.index, default="info")


def percent(share: float) -> str:
    """A share as people read it.

    >>> percent(0.123), percent(0.004)
    ('12 %', '0.4 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else f"{100 * share:.1g} %"
