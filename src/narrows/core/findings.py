"""The results of checks of data, fits and runs.

A check returns a finding, or None when it has nothing to report. The severity "info" needs no action; a
"warning" makes the fit worse than it could be, or its verdict too good; `fit` refuses an "error".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
"""In ascending order."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check.

    Attributes:
        name: of the subject, in a few plain words; a heading.
        severity: info, warning or error.
        evidence: full sentences with the measured numbers.
        advice: a sentence that says what to do; empty where no action is needed.
    """

    name: str
    severity: Severity
    evidence: str
    advice: str = ""

    @property
    def paragraph(self) -> str:
        """Severity, name, evidence and advice as text."""
        return f"{self.severity}: {self.name}: {self.evidence} {self.advice}".rstrip()

    @property
    def sentence(self) -> str:
        """Evidence and advice as one sentence, for the warnings of a fit.

        >>> Finding("order", "warning", "Rows are sorted.", "Shuffle them.").sentence
        'Rows are sorted; shuffle them.'
        """
        return f"{self.evidence.removesuffix('.')}; {self.advice[:1].lower()}{self.advice[1:]}"


def in_config(findings: Sequence[Finding]) -> dict[str, Any]:
    """The entries of a run's config for the findings of its fit: as records and as sentences."""
    return {"warnings": [f.sentence for f in findings], "findings": [asdict(f) for f in findings]}


def from_config(config: Mapping[str, Any]) -> list[Finding]:
    """The findings that `in_config` put into a run's config."""
    return [Finding(**record) for record in config.get("findings", [])]


def worst(findings: Sequence[Finding]) -> Severity:
    """The worst severity among `findings`."""
    return max((finding.severity for finding in findings), key=SEVERITIES.index, default="info")


def percent(share: float) -> str:
    """A share, 0 to 1, as a percentage.

    >>> percent(0.123), percent(0.004)
    ('12 %', '0.4 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else f"{100 * share:.1g} %"
