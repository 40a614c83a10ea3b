from __future__ import annotations

from narrows.doctor.findings import SEVERITIES, Finding, worst


def test_worst_is_the_worst() -> None:
    findings = [Finding("a", severity, "") for severity in SEVERITIES]
    assert worst(findings) == "error"
    assert worst(findings[:2]) == "warning"
    assert worst([]) == "info"
