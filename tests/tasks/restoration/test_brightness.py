"""Images beyond the range of the training data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from narrows import Denoiser
from narrows.data.schema import Array
from narrows.fitting.fit import fit
from narrows.tasks.restoration.brightness import Stretch, best, estimated, extent, flattest, stretches
from narrows.tasks.restoration.denoise import denoise
from tests.samples import DIGITS, SMALL, patches, shapes

CLEAN = shapes(96, 96, 1).astype(np.float32)


def noisy(times: float, std: float) -> Array:
    rng = np.random.default_rng(0)
    return (times * CLEAN + std * rng.standard_normal(CLEAN.shape)).astype(np.float32)


def test_noise_alone_is_not_beyond_the_range() -> None:
    def ways(x: Array, *, bounded: bool = False) -> tuple[Stretch, ...]:
        return stretches(extent(x, 0.0, 1.0), 0.0, 1.0, bounded=bounded)

    assert ways(noisy(1, 0.2)) == (Stretch(),)
    plain, half, whole = ways(noisy(4, 0.1))
    assert plain == Stretch()
    assert half.scale**2 == pytest.approx(whole.scale)
    assert whole.scale == pytest.approx(1 / (4 * CLEAN.max()), rel=0.1)
    assert ways(noisy(4, 0.1), bounded=True) == (whole,)
    (below,) = ways(noisy(1, 0.1) - 2, bounded=True)
    assert below.start == pytest.approx(-2, abs=0.2)


def test_a_stretched_image_is_brought_into_the_range_and_back() -> None:
    seen = []

    def use(x: Array) -> Array:
        seen.append(x)
        return x

    x = noisy(3, 0.0) - 1
    np.testing.assert_allclose(Stretch(0.0, -1.0, 1 / 3)(use, x), x, atol=1e-6)
    assert 0 <= seen[0].min() < seen[0].max() <= 1
    halved = Stretch(0.0, 0.0, 1.0, 0.5)(np.zeros_like, x)
    np.testing.assert_allclose(halved, x / 2)


def test_the_estimated_error_is_that_beside_the_clean_image() -> None:
    x, variance = noisy(1, 0.1), np.full(CLEAN.shape, 0.01)
    for width in (0.5, 1.0, 3.0):
        way, risk = estimated(lambda y, s=width: gaussian_filter(y, (0, s, s)), x, variance, Stretch())
        made = way(lambda y, s=width: gaussian_filter(y, (0, s, s)), x)
        assert risk == pytest.approx(((made - CLEAN) ** 2).mean(), abs=0.0006)
        assert risk < 0.01
    strong = best(np.zeros_like, x, variance, (Stretch(),))
    assert strong.share < 0.05, "a denoiser that removes structure is hardly used"


def test_texture_is_not_taken_for_noise() -> None:
    x = noisy(1, 0.02)
    assert flattest(x, np.full(x.shape, 0.02**2)) == pytest.approx(1, abs=0.2)
    assert flattest(x, np.full(x.shape, 0.1**2)) == pytest.approx(0.04, rel=0.2)


def test_a_brighter_image_is_no_worse_than_the_noisy_one() -> None:
    """Whether the noise grows with it or not."""
    how = {**SMALL, "training": {"epochs": 20, "learning_rate": 3e-3}}
    run = fit(patches(np.float32), recipe="denoising", overrides=how)
    for times, std in ((1, 0.1), (2, 0.2), (4, 0.4), (2, 0.1), (4, 0.1)):
        x, wanted = noisy(times, std)[0], times * CLEAN[0]
        assert ((denoise(run, x) - wanted) ** 2).mean() < ((x - wanted) ** 2).mean()


def test_outputs_that_end_with_the_range_do_so_no_longer() -> None:
    """Of the Bernoulli loss, whose outputs lie between 0 and 1."""
    found = Denoiser().fit(DIGITS[:300])
    with pytest.warns(UserWarning, match="beyond the range"):
        made = found.transform(3 * DIGITS[300:340])
    assert made.max() > 36
    error = ((made - 3 * DIGITS[300:340]) ** 2).mean()
    assert error < 0.2 * (3 * DIGITS[300:340]).var()
