from __future__ import annotations

import numpy as np
import pytest

from narrows.data.recordings.period import autocorrelation, period, usual_window


def sines(*periods: float, n: int = 2000) -> np.ndarray:
    """One channel for each of `periods`, `(n, channels)`."""
    return np.column_stack([np.sin(2 * np.pi * np.arange(n) / p) for p in periods])


@pytest.mark.parametrize("length", [8, 24, 57, 144])
def test_the_period_of_noisy_waves(length: int) -> None:
    x = sines(length, n=4000) + 0.5 * np.random.default_rng(0).normal(size=(4000, 1))
    assert usual_window(x) == pytest.approx(length, abs=1)


def test_a_period_survives_a_slow_trend_and_missing_values() -> None:
    rng = np.random.default_rng(0)
    x = sines(48) + np.linspace(0, 4, 2000)[:, None] + 0.1 * rng.normal(size=(2000, 1))
    x[rng.random(2000) < 0.2] = np.nan
    assert usual_window(x) == pytest.approx(48, abs=2)


def test_channels_share_the_period_and_constant_ones_do_not_count() -> None:
    x = np.hstack([sines(30, 30), np.full((2000, 1), 7.3), np.full((2000, 1), np.nan)])
    assert usual_window(x * [1, 1e9, 1, 1]) == 30


def test_recordings_without_a_period() -> None:
    rng = np.random.default_rng(0)
    assert period(rng.normal(size=(5000, 1))) is None
    assert period(np.full((5000, 1), 0.1)) is None
    assert usual_window(np.linspace(0, 1, 5000)[:, None]) == 100


def test_several_windows_fit_into_short_recordings() -> None:
    assert usual_window(sines(200, n=400)) == 25
    assert usual_window(np.zeros((5, 1))) == 1


def test_the_autocorrelation_is_that_of_its_definition() -> None:
    x = np.random.default_rng(0).normal(size=(50, 1)).cumsum(axis=0)
    d = x[:, 0] - x.mean()
    expected = [d[: 50 - lag] @ d[lag:] / (d @ d) for lag in range(50)]
    np.testing.assert_allclose(autocorrelation(x), expected, atol=1e-12)
