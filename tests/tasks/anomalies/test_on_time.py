from __future__ import annotations

import numpy as np

from narrows.data.recordings.recording import Recording
from narrows.tasks.anomalies.on_time import TimeScores, intervals_of


def test_intervals_are_runs_of_flagged_steps_with_their_peaks() -> None:
    score = np.array([5.0, 1.0, 2.0, 4.0, 3.0, 0.0, 9.0])
    found = intervals_of(score > 1.5, score, 1 / score.clip(1), [("a",), ("b", "c"), ()])
    assert [(each.first, each.last, each.peak, each.score) for each in found] == [
        (0, 0, 0, 5.0),
        (2, 4, 3, 4.0),
        (6, 6, 6, 9.0),
    ]
    assert [each.p for each in found] == [1 / 5, 1 / 4, 1 / 9]
    assert found[1].channels == ("b", "c")
    assert intervals_of(score > 10, score, score) == ()


def test_a_recording_without_times_has_numbered_steps() -> None:
    score = np.zeros(3)
    plain = TimeScores(Recording("a", np.zeros((3, 1))), score, score, score > 1, 1.0, ())
    assert plain.times.tolist() == [0, 1, 2]
    timed = TimeScores(Recording("a", np.zeros((3, 1)), np.arange(3) * 0.5), score, score, score > 1, 1.0, ())
    assert timed.times.tolist() == [0, 0.5, 1]
