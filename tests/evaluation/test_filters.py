from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.filters import FILTERS, filtered, noise_between, spreads, transformed, wavelet
from narrows.evaluation.image_quality import psnr
from tests.samples import shapes


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_removes_noise(name: str, channels: int) -> None:
    pytest.importorskip("skimage")
    clean = np.moveaxis(shapes(80, 60, 1, channels).reshape(80, 60, channels), -1, 0)
    noisy = clean + 0.1 * np.random.default_rng(0).standard_normal(clean.shape)
    assert psnr(filtered(FILTERS[name], noisy, clean), clean, 1.0) > psnr(noisy, clean, 1.0) + 3


def test_the_strength_has_the_smallest_error() -> None:
    clean = np.moveaxis(shapes(80, 60, 1, 1).reshape(80, 60, 1), -1, 0)
    noisy = clean + 0.1 * np.random.default_rng(0).standard_normal(clean.shape)
    how = FILTERS["gaussian"]
    tried = [float(((how.use(noisy, 0.1, strength) - clean) ** 2).mean()) for strength in how.strengths]
    assert float(((filtered(how, noisy, clean) - clean) ** 2).mean()) == min(tried)


def test_an_image_without_noise_stays() -> None:
    image = shapes(20, 20)
    assert all(filtered(how, image, image) is image for how in FILTERS.values())


def test_wavelet_coefficients_add_up_and_have_the_spread_that_is_told() -> None:
    noise = np.random.default_rng(0).standard_normal((1, 256, 256))
    details, smooth = transformed(noise)
    np.testing.assert_allclose(details.sum(axis=0) + smooth, noise, atol=1e-12)
    np.testing.assert_allclose(details.std(axis=(1, 2, 3))[:3], spreads()[:3], rtol=0.05)
    np.testing.assert_allclose(wavelet(noise, 1.0, 0.0), noise, atol=1e-12)
    assert wavelet(noise, 1.0, 5.0).std() < 0.05


@pytest.mark.parametrize(
    ("read", "gain", "dark"), [(0.0, 0.5, 0.0), (2.0, 0.5, 0.0), (0.0, 0.5, 100.0), (3.0, 0.0, 0.0)]
)
def test_the_noise_between_two_images_is_found(read: float, gain: float, dark: float) -> None:
    rng = np.random.default_rng(0)
    clean = dark + 40 * rng.random((1, 300, 300))
    counted = dark + gain * rng.poisson((clean - dark) / gain) if gain else clean
    found = noise_between(counted + read * rng.standard_normal(clean.shape), clean)
    levels = dark + np.array([5.0, 20.0, 35.0])
    np.testing.assert_allclose(found.variance(levels), read**2 + gain * (levels - dark), rtol=0.05)


def test_a_filter_of_counts_keeps_their_mean() -> None:
    """On the linear scale a threshold that suits bright regions is too high for dark ones."""
    clean = np.moveaxis(2 * shapes(120, 120, 1, 1).reshape(120, 120, 1) + 0.2, -1, 0)
    noisy = np.random.default_rng(0).poisson(clean).astype(np.float64)
    made = filtered(FILTERS["wavelet"], noisy, clean)
    assert made.mean() == pytest.approx(noisy.mean(), rel=0.03)
    linear = FILTERS["wavelet"]._replace(stabilises=False)
    assert ((made - clean) ** 2).mean() < ((filtered(linear, noisy, clean) - clean) ** 2).mean()
