from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from narrows.data.recordings.recording import TimeAxis
from narrows.report import on_time
from narrows.report.on_time import listed, render_on_time
from narrows.tasks.anomalies.on_time import TimeScores
from tests.report.html import parsed
from tests.report.test_timelines import DATES, scored

CHANNELS = ("load", "heat")


def page(*scores: TimeScores, axis: TimeAxis = DATES, **more: Any) -> str:
    return render_on_time("plant", scores, CHANNELS, axis, window=48, sentence="Said.", **more)


def text(html: str) -> str:
    return " ".join("".join(parsed(html).text).split())


def test_intervals_are_listed_with_their_times_as_in_the_file() -> None:
    (row,) = next(listed([scored(100, (4, 9))], DATES))
    assert row[:5] == (1, "plant", "2025-03-03 02:00:00+01:00", "2025-03-03 03:15:00+01:00", row.start)
    assert (row.score, row.p, row.channels) == (2.0, 0.01, "load")
    shown = text(page(scored(100, (4, 9))))
    assert row.start in shown
    assert "1 interval of time is flagged Said." in shown
    assert "when: start" in shown


def test_time_steps_stand_for_times_that_are_not_known() -> None:
    found = scored(3000, (1004, 2009), dates=False)
    (row,) = next(listed([found], TimeAxis()))
    assert (row.start, row.end, row.peak) == ("1,004", "2,009", "1,004")
    assert "time step: start" in text(page(found, axis=TimeAxis()))


def test_nothing_flagged_is_said_and_drawn() -> None:
    html = page(scored(100))
    assert "No intervals of time are flagged" in text(html)
    assert "The intervals" not in text(html)
    assert html.count("<svg") == 2


def test_of_many_intervals_and_recordings_the_highest_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in {"RECORDINGS": 2, "CLOSE": 3, "ROWS": 4}.items():
        monkeypatch.setattr(on_time, name, most)
    scores = [scored(60, (5, 9), (30, 31)) for _ in range(3)]
    scores[0] = scored(60)
    html = page(*scores, scored(60, (5, 5), (8, 8)))
    assert html.count("<svg") == 2 * 2 + 3
    assert "The 4 of 6 with the highest scores." in text(html)
    assert "The 2 of 4 recordings with the highest scores are drawn." in text(html)


def test_labels_are_drawn_and_compared_with() -> None:
    found = scored(100, (4, 9))
    truth = replace(found, truth=np.arange(100) < 9)
    both = {"auroc": 0.75, "vus_pr": 0.5}
    judged = {**both, "average_precision": 0.25, "yardsticks": {"nearest window": both}}
    shown = text(page(truth, judged=judged, warnings=["Careful."]))
    assert "nearest window0.50000.7500" in shown
    assert "labelled anomalies" in shown
    assert "Careful." in shown
    assert "labelled anomalies" not in text(page(found))
