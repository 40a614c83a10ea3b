"""The quality of an image beside a reference: PSNR and SSIM."""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import gaussian_filter

from narrows.data.schema import Array


def psnr(image: Array, reference: Array, data_range: float) -> float:
    """The peak signal-to-noise ratio in dB, 10 log₁₀(data_range² / mean squared error); inf for equal images.

    Args:
        image: of any shape.
        reference: of the same shape.
        data_range: the largest minus the smallest possible value.

    >>> round(psnr(np.full((4, 4), 0.1), np.zeros((4, 4)), 1.0), 9)
    20.0
    """
    error = float(np.mean((image.astype(np.float64) - reference.astype(np.float64)) ** 2))
    return math.inf if error == 0 else 10 * math.log10(data_range**2 / error)


def ssim(image: Array, reference: Array, data_range: float) -> float:
    """The mean structural similarity, at most 1, with a Gaussian window of σ = 1.5.

    Wang, Bovik, Sheikh & Simoncelli 2004, "Image quality assessment: from error visibility to structural
    similarity". A margin of 5 pixels, where the window exceeds the image, is left out of the mean.

    Args:
        image: `(height, width)`, or `(height, width, channels)`, whose channels are averaged.
        reference: of the same shape.
        data_range: the largest minus the smallest possible value.
    """
    if image.ndim == 3:
        pairs = zip(np.moveaxis(image, -1, 0), np.moveaxis(reference, -1, 0), strict=True)
        return float(np.mean([ssim(a, b, data_range) for a, b in pairs]))
    a, b = image.astype(np.float64), reference.astype(np.float64)
    mean_a, mean_b = windowed(a), windowed(b)
    variance_a, variance_b = windowed(a * a) - mean_a**2, windowed(b * b) - mean_b**2
    covariance = windowed(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    similarity = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    similarity /= (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    margin = min(5, (min(a.shape) - 1) // 2)
    inner = slice(margin, -margin or None)
    return float(similarity[inner, inner].mean())


def windowed(image: Array) -> Array:
    """The weighted mean of `image (height, width)` in a window around each pixel."""
    return np.asarray(gaussian_filter(image, 1.5, truncate=3.5))
