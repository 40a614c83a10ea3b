"""PSNR, SSIM and the methods without learning, on cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from narrows.classical import CLASSICAL, biharmonic, channel_means
from narrows.corruptions import CORRUPTIONS
from narrows.quality import psnr, ssim


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(40, 33), (28, 28), (25, 30, 3)])
def test_psnr_and_ssim_are_scikit_images(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    wanted = rng.random(shape)
    found = wanted + 0.1 * rng.standard_normal(shape)
    assert psnr(found, wanted, 2.0) == pytest.approx(peak_signal_noise_ratio(wanted, found, data_range=2.0))
    settings = {"gaussian_weights": True, "use_sample_covariance": False, "data_range": 2.0}
    channels = -1 if len(shape) == 3 else None
    expected = structural_similarity(found, wanted, channel_axis=channels, **settings)
    assert ssim(found, wanted, 2.0) == pytest.approx(expected, abs=1e-9)


def test_equal_images_are_as_close_as_can_be(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (9, 9), dtype=np.uint8)
    assert psnr(image, image, 255) == float("inf")
    assert ssim(image, image, 255) == pytest.approx(1)
    dark, bright = np.zeros((3, 3), np.uint8), np.full((3, 3), 255, np.uint8)
    assert psnr(dark, bright, 255) == 0  # and no byte runs over
    assert ssim(dark, bright, 255) < 0.001


def test_every_method_undoes_a_corruption_that_there_is() -> None:
    assert CLASSICAL.keys() <= CORRUPTIONS.keys()


def test_channel_means_are_right_on_average(rng: np.random.Generator) -> None:
    wanted = rng.random((5, 3, 6, 6)) * np.array([1, 0.5, 0.2])[:, None, None]
    seen = np.broadcast_to(wanted.mean(axis=1, keepdims=True), wanted.shape)
    tinted = channel_means(seen, wanted)
    np.testing.assert_allclose(tinted.mean(axis=(0, 2, 3)), wanted.mean(axis=(0, 2, 3)))
    assert ((tinted - wanted) ** 2).mean() < ((seen - wanted) ** 2).mean()


def test_biharmonic_inpainting_fills_a_plane_exactly_and_leaves_the_rest() -> None:
    plane = 0.2 + 0.02 * np.arange(14)[:, None] + 0.03 * np.arange(12)
    wanted = np.stack([np.stack([plane, 1 - plane])] * 2)
    seen = wanted.copy()
    seen[0, :, 5:8, 4:7] = 0
    filled = biharmonic(seen, wanted)
    np.testing.assert_allclose(filled, wanted, atol=1e-6)
    assert torch.equal(torch.as_tensor(filled[1]), torch.as_tensor(wanted[1]))
