from __future__ import annotations

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from narrows.evaluation.image_quality import psnr, ssim


@pytest.mark.parametrize("shape", [(40, 33), (28, 28), (25, 30, 3)])
def test_psnr_and_ssim_are_scikit_images(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    reference = rng.random(shape)
    image = reference + 0.1 * rng.standard_normal(shape)
    assert psnr(image, reference, 2.0) == pytest.approx(
        peak_signal_noise_ratio(reference, image, data_range=2.0)
    )
    settings = {"gaussian_weights": True, "use_sample_covariance": False, "data_range": 2.0}
    channels = -1 if len(shape) == 3 else None
    expected = structural_similarity(image, reference, channel_axis=channels, **settings)
    assert ssim(image, reference, 2.0) == pytest.approx(expected, abs=1e-9)


def test_equal_images_have_infinite_psnr_and_ssim_1(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (9, 9), dtype=np.uint8)
    assert psnr(image, image, 255) == float("inf")
    assert ssim(image, image, 255) == pytest.approx(1)
    dark, bright = np.zeros((3, 3), np.uint8), np.full((3, 3), 255, np.uint8)
    assert psnr(dark, bright, 255) == 0  # bytes do not overflow
    assert ssim(dark, bright, 255) < 0.001
