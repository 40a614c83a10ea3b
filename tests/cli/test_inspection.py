from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from narrows.core.findings import SEVERITIES
from narrows.data.datasets import DATASETS
from narrows.data.formats import FORMS, readable
from narrows.data.kinds import KINDS
from tests.commands import as_json, narrows


def test_data_says_what_was_seen_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "data", "digits")
    assert found["shape"] == [8, 8]
    assert (found["kind"], found["n"], found["dtype"], found["range"]) == ("images", 1797, "float64", [0, 16])
    assert (found["missing"], found["scaling"], found["loss"]) == (0, "range", "bernoulli")
    assert found["why"]
    assert found["why"][0] in narrows(capsys, "data", "digits")[0]


def test_recordings_are_described_by_their_number_lengths_channels_and_times(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [
        f"{who},2024-01-01 00:{k:02d}:00Z,{k % 3},{k % 5}"
        for who, n in (("x", 9), ("y", 6))
        for k in range(n)
    ]
    Path("a.csv").write_text("who,when,a,b\n" + "\n".join(rows))
    options = ("a.csv", "--kind", "sequences", "--id", "who")
    found = as_json(capsys, "data", *options)["recordings"]
    assert (found["n"], found["lengths"], found["channels"]) == (2, [6, 7.5, 9], ["a", "b"])
    assert (found["time"]["name"], found["time"]["step"], found["time"]["zone"]) == ("when", 60, "UTC")
    text = narrows(capsys, "data", *options)[0]
    assert "2 recordings of 6 to 9 (median 8) time steps, 2 channels: a, b" in text
    assert "The times are the dates in 'when', in the time zone UTC, usually 1min apart." in text


def test_a_table_whose_dates_rise_may_be_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"2024-01-{k:02d},{k % 3},{k % 5}" for k in range(1, 29)]
    Path("a.csv").write_text("when,a,b\n" + "\n".join(rows))
    assert "--kind sequences reads them as one" in narrows(capsys, "data", "a.csv")[0]
    Path("b.csv").write_text("when,a,b\n" + "\n".join(rows[::-1]))
    assert as_json(capsys, "data", "b.csv")["hints"] == []


def test_data_and_doctor_count_the_same_share_of_missing_cells(capsys: pytest.CaptureFixture[str]) -> None:
    """A missing category is one cell, whatever the number of its words."""
    words = [str(i % 9) * 3 if i % 3 else "" for i in range(90)]
    Path("a.csv").write_text(
        "word,a,b,c\n" + "".join(f"{w},{i % 7},{i % 11},{i % 13}\n" for i, w in enumerate(words))
    )
    assert as_json(capsys, "data", "a.csv")["missing_share"] == 30 / 360
    assert "30 cells missing (8 %)" in narrows(capsys, "data", "a.csv")[0]
    text = narrows(capsys, "doctor", "a.csv")[0]
    assert "8 % of the cells are missing" in text
    assert text.count("of the cells are missing") == 1


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
    assert "hardly repeats" in str(as_json(capsys, "doctor", "a.csv"))
    out = narrows(capsys, "doctor", "a.csv", "--json", "--columns", "patient", code=2)[0]
    assert "hardly repeats" in json.loads(out)["error"]
    left = as_json(capsys, "data", "a.csv", "--drop", "patient,b")
    assert [column["name"] for column in left["columns"]] == ["a"]
    found = as_json(capsys, "doctor", "a.csv", "--groups", "patient")
    assert "16 groups of 80 will be held out" in str(found)


def test_row_numbers_and_repeated_ids_are_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{i},{i % 60},{i % 7},{i % 11}\n" for i in range(120))
    Path("a.csv").write_text("Unnamed: 0,who,a,b\n" + rows)
    (warning,) = as_json(capsys, "data", "a.csv")["warnings"]
    assert warning.startswith("Unnamed: 0 (rises by 1 with every row) seems")
    assert f"warning: {warning}" in narrows(capsys, "data", "a.csv")[0]
    assert as_json(capsys, "data", "a.csv", "--id", "Unnamed: 0")["warnings"] == []
    warnings = as_json(capsys, "data", "a.csv", "--id", "who")["warnings"]
    assert [text.split(" ids ")[0] for text in warnings[1:]] == ["60 of 60"]
    Path("b.csv").write_text(",a,b\n" + "".join(f"{i},{i % 7},{i % 11}\n" for i in range(120)))
    found = as_json(capsys, "data", "b.csv")
    assert found["warnings"] == []
    assert found["why"][0] == "The column without a name names the rows and is not among the values."


def test_without_data_it_lists_what_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "data")
    assert found["datasets"] == list(DATASETS)
    assert set(found["endings"]) == set(readable(*FORMS))
    assert found["kinds"].keys() == KINDS.keys()
    shown = narrows(capsys, "data")[0]
    for name, text in (*found["endings"].items(), *found["kinds"].items()):
        assert re.search(rf"^  {re.escape(name or 'none')} +{re.escape(text)}$", shown, re.MULTILINE)


def test_the_header_and_missing_cells_of_a_file_are_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_text("0,1\n" + "1.5,?\n-999.0,2.5\n" * 10)
    shown = json.loads(narrows(capsys, "data", "a.csv", "--missing", "?,-999", "--json")[0])
    assert (shown["n"], shown["missing"]) == (20, 20)
    shown = json.loads(narrows(capsys, "data", "a.csv", "--no-header", "--json")[0])
    assert (shown["n"], shown["missing"]) == (21, 10)
    Path("b.csv").write_text("a,b\n" + "".join(f"{i},{-999 if i % 9 else i % 4}\n" for i in range(40)))
    shown = json.loads(narrows(capsys, "data", "b.csv", "--json")[0])
    assert any("--missing -999" in warning for warning in shown["warnings"])
