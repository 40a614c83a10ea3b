"""How close an image is to the one that was wanted: PSNR and SSIM."""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import gaussian_filter

from narrows.data.schema import Array


def psnr(found: Array, wanted: Array, span: float) -> float:
    """The peak signal-to-noise ratio in dB, 10 log₁₀(span² / mean squared error); infinite where equal.

    Args:
        found: an image of any shape.
        wanted: the image it should be, of the same shape.
        span: from the least to the greatest value that an image can have.

    >>> round(psnr(np.full((4, 4), 0.1), np.zeros((4, 4)), 1.0), 9)
    20.0
    """
    error = float(np.mean((found.astype(np.float64) - wanted.astype(np.float64)) ** 2))
    return math.inf if error == 0 else 10 * math.log10(span**2 / error)


def ssim(found: Array, wanted: Array, span: float) -> float:
    """The mean structural similarity, at most 1, with the authors' Gaussian window of σ = 1.5.

    Wang, Bovik, Sheikh & Simoncelli 2004, "Image quality assessment: from error visibility to structural
    similarity". The margin of 5 pixels, where the window reaches over the edge, does not count.

    Args:
        found: an image `(height, width)`, or `(height, width, channels)`, whose channels are averaged.
        wanted: the image it should be, of the same shape.
        span: from the least to the greatest value that an image can have.
    """
    if found.ndim == 3:
        pairs = zip(np.moveaxis(found, -1, 0), np.moveaxis(wanted, -1, 0), strict=True)
        return float(np.mean([ssim(a, b, span) for a, b in pairs]))
    a, b = found.astype(np.float64), wanted.astype(np.float64)
    mean_a, mean_b = smooth(a), smooth(b)
    spread_a, spread_b = smooth(a * a) - mean_a**2, smooth(b * b) - mean_b**2
    common = smooth(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    likeness = (2 * mean_a * mean_b + c1) * (2 * common + c2)
    likeness /= (mean_a**2 + mean_b**2 + c1) * (spread_a + spread_b + c2)
    margin = min(5, (min(a.shape) - 1) // 2)
    inner = slice(margin, -margin or None)
    return float(likeness[inner, inner].mean())


def smooth(image: Array) -> Array:
    return np.asarray(gaussian_filter(image, 1.5, truncate=3.5))
