from __future__ import annotations

import json

from narrows.core.findings import SEVERITIES, Finding, from_config, in_config, worst


def test_worst_is_the_worst() -> None:
    findings = [Finding("a", severity, "") for severity in SEVERITIES]
    assert worst(findings) == "error"
    assert worst(findings[:2]) == "warning"
    assert worst([]) == "info"


def test_findings_come_back_from_a_config_which_also_holds_them_as_sentences() -> None:
    findings = [
        Finding("order", "warning", "Rows are sorted, by 2.5.", "Shuffle them; or group them."),
        Finding("size", "warning", "They are small.", "Gather more."),
    ]
    config = json.loads(json.dumps(in_config(findings)))
    assert from_config(config) == findings
    assert config["warnings"] == [
        "Rows are sorted, by 2.5; shuffle them; or group them.",
        "They are small; gather more.",
    ]
    assert from_config({}) == []
