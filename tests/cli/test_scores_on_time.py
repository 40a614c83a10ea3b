from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from narrows.cli.scores_on_time import intervals_of, quality
from tests.commands import as_json, narrows
from tests.tasks.anomalies.waves import waves


def write(name: str, values: np.ndarray, fault: slice | None = None) -> None:
    """A table with a column of times, two channels, and which time steps are faulty if there are any."""
    times = np.datetime64("2025-03-01T00:00") + np.arange(len(values)) * np.timedelta64(30, "m")
    rows = [[str(at).replace("T", " "), *row] for at, row in zip(times, values.tolist(), strict=True)]
    if fault is not None:
        values[fault, 1] = 0.0
        rows = [
            [*row[:1], *value, int(fault.start <= i < fault.stop)]
            for i, (row, value) in enumerate(zip(rows, values.tolist(), strict=True))
        ]
    with Path(name).open("w", newline="") as stream:
        csv.writer(stream).writerows([["when", "low", "high", *(["odd"] if fault else [])], *rows])


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> str:
    write("usual.csv", waves(1200, 0))
    write("new.csv", waves(400, 3), slice(200, 230))
    options = ("--kind", "sequences", "--window", "20", "--epochs", "5", "--out", "run", "--quiet")
    narrows(capsys, "fit", "usual.csv", *options)
    return "run"


def test_time_steps_are_scored_and_the_fault_is_an_interval(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(capsys, "anomalies", run, "new.csv", "--label", "odd", "-o", "s.csv")
    rows = list(csv.DictReader(Path("s.csv").read_text("utf-8").splitlines()))
    assert list(rows[0]) == ["when", "score", "p", "flagged"]
    assert [len(rows), rows[61]["when"]] == [400, "2025-03-02 06:30"]
    assert found["n"] == 400
    assert found["flagged"] == sum(int(row["flagged"]) for row in rows)
    assert found["vus_pr"] > 0.5
    assert found["auroc"] > found["yardsticks"]["isolation forest"]["auroc"] - 0.5
    intervals = list(csv.DictReader(Path(found["intervals"]).read_text("utf-8").splitlines()))
    highest = max(intervals, key=lambda row: float(row["score"]))
    assert highest["start"] < "2025-03-05 07:00"
    assert highest["end"] > "2025-03-05 04:00"
    assert highest["channels"].startswith("high")
    assert "VUS-PR" in Path(found["page"]).read_text("utf-8")


def test_the_intervals_are_said(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = narrows(capsys, "anomalies", run, "new.csv", "-o", "s.csv", "--top", "30")
    assert "The 30 of 400 time steps that score highest are flagged" in out
    assert "2025-03-05 0" in out
    assert "s-intervals.csv" in out
    assert "AUROC" not in out


def test_maps_are_what_each_channel_adds_at_each_time_step(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    narrows(capsys, "anomalies", run, "new.csv", "-o", "s.csv", "--maps", "m", "--quiet")
    rows = list(csv.DictReader(Path("m/contributions.csv").read_text("utf-8").splitlines()))
    assert list(rows[0]) == ["when", "low", "high"]
    assert len(rows) == 400
    highest = max(rows, key=lambda row: float(row["high"]))
    assert "2025-03-05 04:00" <= highest["when"] <= "2025-03-05 19:00"
    assert float(highest["high"]) > max(float(row["low"]) for row in rows)


def test_names_of_files_and_lines() -> None:
    assert intervals_of(Path("a/scores.parquet")) == Path("a/scores-intervals.parquet")
    assert quality("x", {"auroc": 0.5, "vus_pr": None}).split() == ["x", "AUROC", "0.5000"]
