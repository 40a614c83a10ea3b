from __future__ import annotations

import numpy as np

from narrows.tasks.anomalies.window_means import on_steps, smoothed


def test_a_step_has_the_mean_of_the_windows_around_it() -> None:
    rng = np.random.default_rng(0)
    scores, starts = rng.normal(size=16), np.arange(16)
    once = [np.mean([s for s, i in zip(scores, starts, strict=True) if i <= t < i + 5]) for t in range(20)]
    expected = [np.mean(once[max(0, t - 2) : t + 3]) for t in range(20)]
    np.testing.assert_allclose(on_steps(scores, starts, 5, 20), expected, rtol=1e-12)


def test_steps_without_a_window_have_no_score() -> None:
    found = on_steps(np.ones(2), np.array([0, 9]), 3, 12)
    assert np.flatnonzero(np.isnan(found)).tolist() == [3, 4, 5, 6, 7, 8]
    assert np.nanmax(np.abs(found - 1)) == 0


def test_means_leave_missing_values_out() -> None:
    assert smoothed(np.array([1.0, np.nan, 3.0, 5.0]), 3)[[0, 2, 3]].tolist() == [1.0, 4.0, 4.0]
