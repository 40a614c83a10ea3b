"""The fit of the variance of noise to the signal."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.lattice import lattice
from narrows.evaluation.finest_detail import Detail
from narrows.evaluation.noise import Noise
from narrows.evaluation.noise_correlation import Correlation
from narrows.evaluation.noise_variance import Dependence, Level, dependence, fitted
from tests.noise import along_axis

CLEAN = lattice(4, 192, structure="honeycomb", dose=100).clean.astype(np.float64)


def measured(planes: np.ndarray, *along: Correlation) -> Dependence:
    nowhere = np.zeros(planes.shape, dtype=np.bool_)
    return dependence(Detail(planes, planes, nowhere, nowhere), *along)


def drawn(noise: Noise, seed: int = 0) -> np.ndarray:
    """Images of `CLEAN` counted with the noise's gain and offset, and read out."""
    rng = np.random.default_rng(seed)
    return noise.offset + noise.gain * rng.poisson(CLEAN) + rng.normal(0, noise.read, CLEAN.shape)


@pytest.mark.parametrize("std", [2.0, 20.0])
def test_gaussian_noise(std: float) -> None:
    found = measured(CLEAN + np.random.default_rng(0).normal(0, std, CLEAN.shape))
    assert found.nature == "gaussian"
    assert not found.falls
    assert found.noise.gain == 0
    assert found.strength == pytest.approx(std, rel=0.07)


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (3.0, 0.0), (1.0, 200.0)])
def test_counts(gain: float, offset: float) -> None:
    found = measured(drawn(Noise(0.0, gain, offset)))
    assert found.nature == "poisson"
    assert found.noise.gain == pytest.approx(gain, rel=0.15)
    assert found.noise.read == 0
    assert found.noise.offset == pytest.approx(offset, abs=0.1 * found.usual)


def test_counts_that_are_read_out() -> None:
    found = measured(drawn(Noise(12.0, 1.0)))
    assert found.nature == "mixed"
    assert found.noise.gain == pytest.approx(1, rel=0.2)
    assert found.noise.read == pytest.approx(12, rel=0.15)


def test_noise_that_falls_with_the_signal_is_gaussian_and_said_to_fall() -> None:
    scale = 20 - 19 * CLEAN / CLEAN.max()
    found = measured(CLEAN + scale * np.random.default_rng(0).standard_normal(CLEAN.shape))
    assert (found.nature, found.falls) == ("gaussian", True)


def test_a_correlation_along_rows_is_accounted_for() -> None:
    noise = 20 * along_axis(CLEAN.shape, 0.5, np.random.default_rng(0))
    exact = Correlation(0.5 ** np.arange(1.0, 17.0), 20.0)
    assert measured(CLEAN + noise).strength < 15
    assert measured(CLEAN + noise, exact).strength == pytest.approx(20, rel=0.07)


def test_a_level_with_texture_does_not_bend_the_line() -> None:
    levels = [Level(float(m), 4.0 + 2 * m, 0.05) for m in range(1, 11)]
    levels[4] = levels[4]._replace(variance=200.0)
    found = fitted(tuple(levels))
    assert found.noise.gain == pytest.approx(2, rel=0.05)
