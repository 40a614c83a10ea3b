from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.recordings.recording import Recording, Recordings, TimeAxis
from narrows.evaluation.vus import vus_pr
from narrows.runs.run import Run
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.time_survey import TimeSurvey, leading
from tests.tasks.anomalies.waves import waves, waves_data

TRUTH = (np.arange(600) >= 300) & (np.arange(600) < 330)


def faulty() -> np.ndarray:
    values = waves(600, 5)
    values[300:330, 1] = 0.0
    return values


@pytest.fixture(scope="module")
def survey(waves_run: Run) -> TimeSurvey:
    data = waves_data(faulty(), labels=TRUTH.astype(float))
    return TimeSurvey(waves_run, data, Rule(), judge=True)


def test_the_fault_is_the_one_flagged_interval(survey: TimeSurvey) -> None:
    (found,) = survey.found
    highest = max(found.intervals, key=lambda each: each.score)
    assert highest.first < 330
    assert highest.last > 300
    assert 290 <= highest.peak <= 340
    assert highest.channels[0] == "high"
    assert survey.flagged.sum() < 150
    assert (found.flagged == (found.score > found.threshold)).all()


def test_there_is_a_line_for_each_time_step(survey: TimeSurvey) -> None:
    columns = survey.columns()
    assert list(columns) == ["score", "p", "flagged"]
    assert len(columns["score"]) == 600
    assert columns["flagged"].sum() == survey.record()["flagged"]
    intervals = survey.interval_columns()
    assert list(intervals) == ["start", "end", "peak", "score", "p", "channels"]
    assert len(intervals["start"]) == survey.record()["n_intervals"] >= 1


def test_the_record_has_the_quality_beside_the_classical_methods(survey: TimeSurvey) -> None:
    record = survey.record()
    assert record["auroc"] > 0.95
    assert record["vus_pr"] == pytest.approx(vus_pr(TRUTH, survey.scores, 20))
    assert set(record["yardsticks"]) == {
        "PCA of windows",
        "nearest window",
        "autoregression",
        "isolation forest",
    }
    assert all(0 <= each["vus_pr"] <= 1 for each in record["yardsticks"].values())
    assert record["window"] == 20


def test_times_are_written_under_their_own_name(waves_run: Run) -> None:
    times = np.datetime64("2025-03-01T00:00", "ns") + np.arange(600) * np.timedelta64(60 * 10**9, "ns")
    data = waves_data(faulty())
    recording = Recording("r0", faulty(), times)
    dated = Recordings((recording,), ("low", "high"), TimeAxis("when", "date", 60.0))
    found = TimeSurvey(waves_run, replace(data, recordings=dated), Rule())
    assert found.columns()["when"][61] == "2025-03-01 01:01:00"
    assert found.interval_columns()["start"][0].startswith("2025-03-01 0")


def test_gaps_have_no_score_and_are_not_flagged(waves_run: Run) -> None:
    values = faulty()
    values[100:200] = np.nan
    found = TimeSurvey(waves_run, waves_data(values), Rule())
    columns = found.columns()
    assert columns["score"][150] is None
    assert columns["p"][150] == 1
    assert columns["flagged"][150] == 0


def test_several_recordings_are_named(waves_run: Run) -> None:
    found = TimeSurvey(waves_run, waves_data(faulty(), waves(100, 6)), Rule(top=20))
    assert found.columns()["id"].tolist() == ["r0"] * 600 + ["r1"] * 100
    assert [len(each.score) for each in found.found] == [600, 100]
    assert "The 20 of 700 time steps" in found.flags.sentence
    assert set(found.interval_columns()["id"]) == {"r0"}


def test_labels_are_needed_to_judge(waves_run: Run) -> None:
    with pytest.raises(InputError, match="bring no labels"):
        TimeSurvey(waves_run, waves_data(faulty()), Rule(), judge=True)


def test_channels_with_large_shares_are_named() -> None:
    assert leading(("a", "b", "c", "d"), np.array([0.1, 0.5, 0.3, 0.1])) == ("b", "c")
