"""The correlation of noise along rows and columns, of images with structure."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from narrows.data.lattice import lattice
from narrows.evaluation.finest_detail import COLUMNS, ROWS, Detail
from narrows.evaluation.noise_correlation import Correlation, along
from tests.noise import along_axis, stripes


def measured(noise: np.ndarray, axis: int) -> Correlation:
    clean = lattice(2, 192, structure="hexagonal", dose=100).clean.astype(np.float64)
    planes = clean + noise
    nowhere = np.zeros(planes.shape, dtype=np.bool_)
    return along(Detail(planes, planes, nowhere, nowhere), axis)


SHAPE = (2, 192, 192)


def test_white_noise_is_not_correlated() -> None:
    white = np.random.default_rng(0).normal(0, 10, SHAPE)
    for axis in (ROWS, COLUMNS):
        found = measured(white, axis)
        assert np.abs(found.lags).max() < 0.06
        assert found.predictable() < 0.02
        assert abs(found.strength / 10 - 1) < 0.06


@pytest.mark.parametrize("rho", [0.3, 0.7])
def test_correlation_along_rows_is_found_there_alone(rho: float) -> None:
    noise = 10 * along_axis(SHAPE, rho, np.random.default_rng(1))
    rows = measured(noise, ROWS)
    assert np.abs(rows.lags[:3] - rho ** np.arange(1, 4)).max() < 0.08
    assert measured(noise, COLUMNS).predictable() < 0.05
    assert measured(noise.swapaxes(1, 2), COLUMNS).predictable() > 0.1


def test_the_predictable_share_is_that_of_the_best_linear_prediction() -> None:
    """Of autoregressive noise it is 2ρ²/(1 + ρ²), from the two neighbours alone."""
    for rho in (0.2, 0.5, 0.8):
        exact = 2 * rho**2 / (1 + rho**2)
        assert Correlation(rho ** np.arange(1.0, 17.0), 1.0).predictable() == pytest.approx(exact, abs=0.01)
    assert Correlation(np.zeros(8), 1.0).predictable() == 0


def test_as_many_neighbours_are_hidden_as_tell_the_noise() -> None:
    found = Correlation(0.7 ** np.arange(1.0, 17.0), 1.0)
    hidden = found.hidden(0.05)
    assert hidden is not None
    assert found.predictable(hidden) < 0.05 <= found.predictable(hidden - 1)
    assert Correlation(np.zeros(16), 1.0).hidden(0.05) == 0


def test_offsets_of_lines_are_told_from_what_neighbours_share() -> None:
    noise = np.random.default_rng(2).normal(0, 10, SHAPE) + stripes(SHAPE, 5, np.random.default_rng(3))
    found = measured(noise, ROWS)
    assert found.of_line == pytest.approx(25 / 125, abs=0.08)
    assert found.without_line.hidden(0.05) == 0
    assert measured(noise, COLUMNS).of_line < 0.05


@pytest.mark.parametrize("order", [2, 4])
def test_what_a_difference_keeps(order: int) -> None:
    noise = along_axis((1, 64, 4096), 0.5, np.random.default_rng(4))
    nowhere = np.zeros(noise.shape, dtype=np.bool_)
    kept = Detail(noise, noise, nowhere, nowhere).residual(order, ROWS)[:, :, 8:-8].var()
    assert Correlation(0.5 ** np.arange(1.0, 17.0), 1.0).kept(order) == pytest.approx(kept, rel=0.03)


def test_smoothed_noise_is_correlated_along_both() -> None:
    noise = gaussian_filter(np.random.default_rng(5).normal(0, 30, SHAPE), (0, 0.8, 0.8))
    for axis in (ROWS, COLUMNS):
        assert measured(noise, axis).predictable() > 0.3
