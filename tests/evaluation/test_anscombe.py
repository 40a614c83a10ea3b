"""The generalised Anscombe transform and its exact unbiased inverse."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.evaluation.anscombe import TABULATED, stabilised, table, unbiased_inverse
from narrows.evaluation.noise import Noise

DRAWS = 400_000
NOISES = [
    Noise(0.0, gain=1.0),
    Noise(1.5, gain=1.0),
    Noise(3.0, gain=2.5, offset=100.0),
    Noise(4.0, offset=-2.0),
]


def drawn(counts: float, noise: Noise) -> Array:
    """Values with Poisson-Gaussian noise whose mean is that of `counts` particles."""
    rng = np.random.default_rng(0)
    read = noise.read * rng.standard_normal(DRAWS)
    return np.asarray(
        noise.offset + (noise.gain * rng.poisson(counts, DRAWS) if noise.gain else counts) + read
    )


@pytest.mark.parametrize("noise", NOISES, ids=str)
@pytest.mark.parametrize("counts", [0.1, 0.5, 1.0, 3.0, 20.0, 90.0, 150.0])
def test_the_inverse_of_the_mean_is_the_mean(noise: Noise, counts: float) -> None:
    x = drawn(counts, noise)
    found = unbiased_inverse(stabilised(x, noise).mean(), noise)
    # The mean of that many draws is off by about std / √draws.
    assert found == pytest.approx(x.mean(), abs=5 * x.std() / np.sqrt(DRAWS) + 0.003 * (noise.gain or 1))


def test_the_algebraic_inverse_is_too_low_at_small_counts() -> None:
    noise = NOISES[0]
    mean = stabilised(drawn(1.0, noise), noise).mean()
    assert mean**2 / 4 - 3 / 8 < 0.85


@pytest.mark.parametrize("noise", NOISES, ids=str)
@pytest.mark.parametrize("counts", [4.0, 20.0, 300.0])
def test_the_variance_is_about_1(noise: Noise, counts: float) -> None:
    assert stabilised(drawn(counts, noise), noise).var() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("s", [0.0, 0.6, 5.0])
def test_the_table_goes_over_into_the_expansion(s: float) -> None:
    expected, means = table(s)
    assert np.all(np.diff(expected) > 0)
    assert means[-1] == pytest.approx(TABULATED)
    assert expected[-1] ** 2 / 4 - 1 / 8 - s**2 == pytest.approx(TABULATED, abs=0.01)


def test_what_is_darker_than_no_counts_is_the_offset() -> None:
    noise = Noise(1.0, gain=2.0, offset=10.0)
    assert unbiased_inverse(np.array([-1.0, 0.0]), noise).tolist() == [10.0, 10.0]


def test_images_keep_their_shape_and_order() -> None:
    noise = NOISES[2]
    image = np.linspace(100, 900, 12).reshape(3, 4)
    # Without noise to average over, the transform of an image is not a mean; the inverse is close to it.
    assert unbiased_inverse(stabilised(image, noise), noise) == pytest.approx(image, abs=1.0)


def test_no_noise_cannot_be_stabilised() -> None:
    with pytest.raises(InputError, match="cannot be stabilised: one of them must be above 0"):
        stabilised(np.ones(3), Noise(0.0))
