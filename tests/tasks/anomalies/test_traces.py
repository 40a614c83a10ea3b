from __future__ import annotations

import numpy as np
import pytest

from narrows.runs.run import Run
from narrows.tasks.anomalies import traces
from narrows.tasks.anomalies.traces import starts_of, stride_of, trace
from tests.tasks.anomalies.waves import waves


def test_starts_reach_both_ends_and_overlap() -> None:
    for steps, window, most in ((100, 20, 10), (101, 7, 50), (20, 20, 5)):
        starts = starts_of(steps, window, stride_of(steps, window, most))
        assert starts[0] == 0
        assert starts[-1] == steps - window
        assert np.diff(starts).max(initial=0) <= max(1, window // 2)


def test_windows_begin_at_all_phases_of_a_period() -> None:
    counts = np.bincount(starts_of(10_000, 20, 5) % 20, minlength=20)
    assert counts.min() > 0.8 * counts.mean()


def test_a_trace_holds_the_scaled_values_and_mean_residuals(
    waves_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "PIECE", 7)
    values = waves(90, 1)
    found = trace(waves_run, values)
    starts = np.arange(71)
    windows = values[starts[:, None] + np.arange(20)]
    made = waves_run.reconstruct_scaled(windows).reshape(71, 2, 20)
    scaled = waves_run.scaled(windows).reshape(71, 2, 20)
    np.testing.assert_allclose(found.rows[:, 20], scaled[20, :, 0], atol=1e-5)
    mean = np.mean([made[i, :, 50 - i] for i in range(31, 51)], axis=0)
    np.testing.assert_allclose(found.residuals[:, 50], scaled[50, :, 0] - mean, atol=1e-5)
    assert found.seen.all()


def test_missing_values_are_filled_in(waves_run: Run) -> None:
    values = waves(150, 1)
    full = trace(waves_run, values)
    holed = values.copy()
    holed[40:45, 0] = np.nan
    found = trace(waves_run, holed)
    assert np.isfinite(found.rows).all()
    assert np.abs(found.rows - full.rows)[:, 40:45].max() < 1.0
    np.testing.assert_allclose(found.rows[1], full.rows[1], atol=1e-5)
    assert np.abs(found.residuals[0, 40:45]).max() < 0.7
    holed[60:110] = np.nan
    assert np.flatnonzero(~trace(waves_run, holed).seen).tolist() == list(range(60, 110))


def test_windows_of_a_trace_are_cut_from_it(waves_run: Run) -> None:
    found = trace(waves_run, waves(90, 1))
    windows = found.windows(np.array([3, 50]), 30)
    np.testing.assert_array_equal(windows.rows[1], found.rows[:, 50:80])
    np.testing.assert_array_equal(windows.residuals[0], found.residuals[:, 3:33])
