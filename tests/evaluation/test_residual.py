"""Is structure left in what a denoiser removed?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from narrows.data.schema import Array
from narrows.evaluation.noise import Noise
from narrows.evaluation.residual import NEAR, REACH, Residual, Residuals
from tests.samples import shapes

RNG = np.random.default_rng(0)
CLEAN = shapes(120, 110, 1)


def of(noisy: Array, made: Array, noise: Noise | None = None) -> Residual:
    found = Residuals(0.0, 1.0, noise)
    found.add(noisy, made)
    return found.found


def white(std: float = 0.1, seed: int = 0) -> Array:
    return std * np.random.default_rng(seed).standard_normal(CLEAN.shape)


@pytest.mark.parametrize("seed", range(5))
def test_white_noise_passes(seed: int) -> None:
    found = of(CLEAN + white(seed=seed) + 0.01, CLEAN, Noise(0.1))
    assert abs(found.strongest[2]) <= found.bound < 0.05
    assert found.whiteness > 0.95
    assert found.peak is None
    assert abs(found.signal) < 4 * found.chance
    assert found.mean == pytest.approx(0.01, abs=0.005)
    np.testing.assert_allclose(found.shares, 1, atol=0.2)
    np.testing.assert_allclose(np.nanmean(found.spectrum[4:]), 1, atol=0.05)


def test_the_correlation_is_that_of_all_pairs_of_pixels() -> None:
    noise = gaussian_filter(white(), (0, 0.6, 1.2))
    found = of(noise, np.zeros_like(noise))
    rest = noise[0] - noise.mean()
    for down, right in NEAR:
        pairs = rest[: 120 - down, : 110 - right] * rest[down:, right:]
        assert found.correlation[down, REACH + right] == pytest.approx(pairs.mean() / (rest**2).mean())
    assert np.isnan(found.correlation[0, : REACH + 1]).all()


def test_a_planted_lattice_is_found_with_its_period() -> None:
    y, x = np.mgrid[:120, :110]
    waves = 0.02 * np.cos(2 * np.pi * (x + 2 * y) / 12)
    found = of(CLEAN + white() + waves, CLEAN)
    assert found.peak is not None
    assert found.peak.period == pytest.approx(12 / np.sqrt(5), rel=0.05)
    assert (found.peak.down, found.peak.right) == pytest.approx((2 / 12, 1 / 12), abs=0.01)
    assert found.peak.times > 20


def test_correlated_noise_and_noise_that_was_left_differ_by_the_sign() -> None:
    smooth = gaussian_filter(white(), (0, 0.7, 0.7))
    assert of(CLEAN + smooth, CLEAN).strongest[2] > 0.3
    blurred = gaussian_filter(CLEAN + white(), (0, 0.6, 0.6))
    assert of(CLEAN + white(), blurred).strongest[2] < -0.15


def test_a_residual_that_follows_the_image_is_found() -> None:
    noisy = CLEAN + white(0.02)
    assert of(noisy, 0.8 * CLEAN).signal > 0.5
    assert of(noisy, 1.2 * CLEAN).signal < -0.5


def test_the_variance_follows_that_of_the_noise_or_does_not() -> None:
    noise = Noise(0.02, gain=0.01)
    signal = np.tile(np.linspace(0, 1, 110), (1, 120, 1))
    noisy = signal + np.sqrt(noise.variance(signal)) * RNG.standard_normal(signal.shape)
    found = of(noisy, signal, noise)
    assert len(found.levels) == 8
    np.testing.assert_allclose(found.shares, 1, atol=0.15)
    bright = of(noisy + 0.2 * (signal > 0.8) * RNG.standard_normal(signal.shape), signal, noise)
    assert max(bright.shares[:6]) < 1.2 < 2 < bright.shares[-1]
    assert of(noisy, signal).shares == ()


def test_images_are_taken_together() -> None:
    both = Residuals(0.0, 1.0)
    for seed in (0, 1):
        both.add(CLEAN + white(seed=seed), CLEAN)
    assert both.found.pixels == 2 * CLEAN.size
    assert both.found.chance == pytest.approx(of(CLEAN + white(), CLEAN).chance / np.sqrt(2))


def test_missing_pixels_and_tiny_images() -> None:
    noisy = CLEAN + white()
    noisy[:, :10] = np.nan
    found = of(noisy, CLEAN)
    assert abs(found.strongest[2]) <= found.bound
    assert found.pixels == 110 * 110
    single = of(np.ones((1, 1, 1)), np.zeros((1, 1, 1)))
    assert (single.mean, single.whiteness, single.signal, single.levels) == (1.0, 1.0, 0.0, ())
    same = of(CLEAN, CLEAN)
    assert (same.mean, same.whiteness, same.peak) == (0.0, 1.0, None)
    none = of(np.full((1, 5, 5), np.nan), np.zeros((1, 5, 5)))
    assert (none.pixels, none.whiteness) == (0, 1.0)


def test_the_whiteness_counts_either_sign() -> None:
    stripes = np.tile([1.0, -1.0], 8)[None, :, None].repeat(16, axis=2)
    found = of(stripes + 3.0, np.zeros_like(stripes))
    assert (found.mean, found.whiteness) == (3.0, pytest.approx(0.0))
