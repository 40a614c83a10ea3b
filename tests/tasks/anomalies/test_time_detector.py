from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.fitting.fit import fit
from narrows.runs.evidence import Evidence
from narrows.runs.run import Run
from narrows.tasks.anomalies import time_detector, traces
from narrows.tasks.anomalies.time_detector import TimeDetector
from narrows.tasks.anomalies.traces import trace
from tests.tasks.anomalies.waves import waves, waves_data


@pytest.fixture(scope="module")
def detector(waves_run: Run) -> TimeDetector:
    return TimeDetector(waves_run)


def test_windows_of_a_period_are_compared(detector: TimeDetector) -> None:
    assert detector.length == 20
    assert detector.length_for(15) == 15
    assert detector.stride(10_000) == 1
    assert detector.stride(10**8) == 5


def test_an_unusual_course_scores_highest_where_it_is(detector: TimeDetector) -> None:
    values = waves(400, 3)
    values[200:220] = values[200:220][::-1]
    scores = detector.scores(values)
    assert scores.shape == (400,)
    assert 195 <= scores.argmax() <= 225
    assert scores.max() > np.quantile(detector.held_out, 0.99)


def test_usual_recordings_score_like_held_out_time_steps(detector: TimeDetector) -> None:
    scores = np.concatenate([detector.scores(waves(600, seed)) for seed in range(4, 8)])
    assert np.mean(scores > np.quantile(detector.held_out, 0.9)) < 0.25
    assert abs(np.median(scores) - np.median(detector.held_out)) < 1


def test_recordings_of_the_training_are_not_compared_with_themselves(detector: TimeDetector) -> None:
    kept = detector.run.evidence.recordings
    assert kept is not None
    (known,) = (each.values for each in kept)
    scores = detector.scores(known)
    np.testing.assert_allclose(scores[np.isfinite(scores)], detector.of_kept)
    # A part of it, beside new time steps, scores as it does within the whole.
    part = detector.scores(np.concatenate([waves(200, 9), known[300:700]]))
    np.testing.assert_allclose(part[260:540], scores[360:640], atol=0.05)


def test_a_fault_within_the_training_part_is_found() -> None:
    values = waves(1200, 0)
    values[700:712] += 3
    run = fit(waves_data(values), latent_dim=4, overrides={"training": {"epochs": 5}})
    scores = TimeDetector(run).scores(values)
    assert 690 <= scores.argmax() <= 722
    assert scores.max() > np.nanquantile(scores, 0.9) + 1


def test_gaps_have_no_score(detector: TimeDetector) -> None:
    values = waves(300, 3)
    values[100:180] = np.nan
    scores = detector.scores(values)
    assert np.flatnonzero(np.isnan(scores)).tolist() == list(range(110, 170))
    whole = detector.scores(waves(300, 3))
    np.testing.assert_allclose(scores[:60], whole[:60], atol=1e-3)


def test_a_recording_shorter_than_the_compared_windows_has_scores(waves_run: Run) -> None:
    found = TimeDetector(waves_run)
    found.length = 60
    assert np.isfinite(found.scores(waves(30, 3))).all()


def test_contributions_are_where_the_fault_is_and_sum_to_how_unusual_a_window_is(
    detector: TimeDetector,
) -> None:
    values = waves(200, 3)
    values[100:104, 1] = 10.0
    values[150:155] = np.nan
    amounts = detector.contributions(trace(detector.run, values))
    assert amounts.shape == (200, 2)
    assert np.isnan(amounts).any(axis=1).tolist() == [150 <= i < 155 for i in range(200)]
    assert 100 <= np.nanargmax(amounts.max(axis=1)) < 104
    assert amounts[100:104, 1].sum() > 0.5 * np.nansum(amounts[80:120])
    one = trace(detector.run, values[90:110])
    unusual = detector.comparison(20)(one.windows(np.array([0]), 20))
    np.testing.assert_allclose(detector.contributions(one).sum(), np.maximum(unusual, 0).sum())


def test_the_channel_with_the_fault_has_the_largest_share(detector: TimeDetector) -> None:
    values = waves(200, 3)
    values[100:120, 1] = 10.0
    shares = detector.channel_shares(trace(detector.run, values), np.array([110]))
    assert shares[0, 1] > 0.7


def test_baselines_score_every_time_step(detector: TimeDetector) -> None:
    values = waves(200, 3)
    values[100:110, 0] += 4
    found = detector.baselines(trace(detector.run, values))
    assert {"PCA of windows", "nearest window"} < set(found)
    assert all(abs(int(scores.argmax()) - 105) < 25 for scores in found.values())


def test_a_run_without_recordings_is_refused(waves_run: Run) -> None:
    with pytest.raises(InputError, match="keeps no recordings"):
        TimeDetector(replace(waves_run, evidence=Evidence()))


def test_faults_of_the_training_do_not_set_the_threshold(detector: TimeDetector) -> None:
    found = TimeDetector(detector.run)
    scores = np.linspace(-1, 2, 100)
    vars(found)["_usual"] = np.append(scores, [4.0, 5.0])
    assert found.wild.sum() == 2
    assert found.held_out.max() == 2
    vars(found)["_usual"] = np.append(scores, np.full(50, 4.0))
    assert not found.wild.any()
    assert found.held_out.max() == 4


def test_kept_time_steps_are_scored_from_windows_as_far_apart(
    waves_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_detector, "MOST_SCORED", 1000)
    monkeypatch.setattr(traces, "MOST_WINDOWS", 1000)
    usual = waves(20_000, 5)
    found = TimeDetector(waves_run, longest=len(usual))
    assert found.stride(1200) == found.stride(len(usual)) == 5
    scores = found.scores(usual)
    # At one phase only, as of windows that begin at multiples of the stride, all would exceed it.
    assert np.mean(scores > np.quantile(found.of_kept, 0.99)) < 0.1
    assert abs(np.median(scores) - np.median(found.of_kept)) < 0.2
    # Scores from windows at every time step vary less, and would set a lower threshold.
    assert np.quantile(TimeDetector(waves_run).of_kept, 0.99) < np.quantile(found.of_kept, 0.99)
