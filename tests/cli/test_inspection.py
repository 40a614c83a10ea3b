from __future__ import annotations

import json
from pathlib import Path

import pytest

from narrows.core.findings import SEVERITIES
from tests.commands import as_json, narrows


def test_data_says_what_was_seen_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "data", "digits")
    assert found["shape"] == [8, 8]
    assert (found["kind"], found["n"], found["dtype"], found["range"]) == ("images", 1797, "float64", [0, 16])
    assert (found["missing"], found["scaling"], found["loss"]) == (0, "range", "bernoulli")
    assert found["why"]
    assert found["why"][0] in narrows(capsys, "data", "digits")[0]


def test_doctor_prints_a_paragraph_each_or_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = narrows(capsys, "doctor", "iris")
    assert all(line.split(":")[0] in SEVERITIES for line in out.splitlines())
    found = as_json(capsys, "doctor", "iris")
    assert found["worst"] == "info"
    assert {"name", "severity", "evidence", "advice"} == found["findings"][0].keys()
    assert len(found["findings"]) == len(out.splitlines())


def test_doctor_reads_as_fit_does(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"p{i // 3},{i % 7},{i % 11}\n" for i in range(240))
    Path("a.csv").write_text("patient,a,b\n" + rows)
    assert "hardly repeats" in json.loads(narrows(capsys, "doctor", "a.csv", "--json", code=2)[0])["error"]
    found = as_json(capsys, "doctor", "a.csv", "--groups", "patient")
    assert "16 groups of 80 will be held out" in str(found)
