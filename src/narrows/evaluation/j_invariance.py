"""Filters at a strength that is chosen without a clean image.

Pixels on a grid are replaced by the mean of their neighbours, the image is filtered, and the result is
compared with the pixels that were replaced. Their noise is independent of what the filter was given, so that
the strength with the smallest difference is that with the smallest error, if the noise is independent between
pixels. Where it is weak, the replaced pixels are a larger error than the noise, and a filter that sets small
coefficients to 0, as the wavelet filter, is chosen too strong.

Batson & Royer 2019, "Noise2Self: blind denoising by self-supervision", ICML; as `calibrate_denoiser` of
scikit-image.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import convolve

from narrows.data.schema import Array
from narrows.evaluation.anscombe import stabilised, unbiased_inverse
from narrows.evaluation.filters import Filter, middle
from narrows.evaluation.noise import Noise

STRIDE = 4
"""Distance of the pixels that are replaced together."""

PLACES = ((0, 0), (1, 2), (2, 1), (3, 3))
"""The grids of pixels that are replaced, one after the other, by their first pixel."""

AROUND = np.array([[[0, 1, 0], [1, 0, 1], [0, 1, 0]]]) / 4


def calibrated(how: Filter, noisy: Array, noise: Noise) -> Array:
    """`noisy (channels, height, width)` filtered, with the strength chosen on a piece from its middle.

    Args:
        how: the filter.
        noisy: the image.
        noise: of the image; filters that stabilise its variance are used on that scale.
    """
    usual = float(np.sqrt(noise.variance(noisy).mean()))
    x, sigma = (stabilised(noisy, noise), 1.0) if how.stabilises and usual > 0 else (noisy, usual)
    piece = x[(slice(None), *(middle(side) for side in x.shape[1:]))]
    strength = min(how.strengths, key=lambda each: hidden_error(how, piece, sigma, each))
    made = how.use(x, sigma, strength)
    return unbiased_inverse(made, noise) if x is not noisy else made


def hidden_error(how: Filter, x: Array, sigma: float, strength: float) -> float:
    """The mean squared difference of filtered pixels that were replaced and what they were."""
    mean = convolve(x, AROUND, mode="mirror")
    errors = []
    for down, right in PLACES:
        grid = (slice(None), slice(down, None, STRIDE), slice(right, None, STRIDE))
        given = x.copy()
        given[grid] = mean[grid]
        errors.append(((how.use(given, sigma, strength)[grid] - x[grid]) ** 2).mean())
    return float(np.mean(errors))
