"""What every finding of an entry has."""

from __future__ import annotations

import json

from narrows.reproduce.findings import Finding


def check_complete(finding: Finding) -> None:
    """It holds, and says so in a sentence, with figures and numbers that go to a file."""
    assert finding.holds is True
    assert finding.sentence.endswith(".")
    assert finding.figures
    assert all(figure.caption.endswith(".") and "<" in figure.html for figure in finding.figures)
    assert json.loads(json.dumps(finding.to_json()))["holds"]
