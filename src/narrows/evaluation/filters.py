"""Denoising filters without learning, as baselines of a denoiser.

They are given more than a user has: the standard deviation of the noise, and the strength with the smallest
error on a piece from the middle of the clean image.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import NamedTuple

import numpy as np
from scipy.ndimage import correlate1d, gaussian_filter, median_filter

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.evaluation.anscombe import stabilised, unbiased_inverse
from narrows.evaluation.noise import Noise

PIECE = 256
"""Side of the piece that a strength is chosen on, in pixels."""


class Filter(NamedTuple):
    """A filter and the strengths to choose from.

    Attributes:
        use: maps an image `(channels, height, width)`, σ of the noise and a strength to a filtered image.
        strengths: those that are tried.
        extra: whether it needs scikit-image.
        stabilises: whether it is used on the Anscombe scale, where the noise has the variance 1.
    """

    use: Callable[[Array, float, float], Array]
    strengths: tuple[float, ...]
    extra: bool = False
    stabilises: bool = False


def gaussian(image: Array, sigma: float, strength: float) -> Array:
    """Gaussian blur; `strength` is its standard deviation in pixels."""
    return np.asarray(gaussian_filter(image, (0, strength, strength)))


def median(image: Array, sigma: float, strength: float) -> Array:
    """The median of a square of side `strength`."""
    side = int(strength)
    return np.asarray(median_filter(image, (1, side, side)))


def total_variation(image: Array, sigma: float, strength: float) -> Array:
    """Chambolle 2004, "An algorithm for total variation minimization", J. Math. Imaging and Vision 20."""
    denoise = skimage_restoration().denoise_tv_chambolle
    return np.asarray(denoise(image, weight=strength * sigma, channel_axis=0))


def non_local_means(image: Array, sigma: float, strength: float) -> Array:
    """Buades, Coll & Morel 2005, "A non-local algorithm for image denoising", CVPR."""
    denoise = skimage_restoration().denoise_nl_means
    size = {"patch_size": 5, "patch_distance": 6, "fast_mode": True}
    last = denoise(np.moveaxis(image, 0, -1), h=strength * sigma, sigma=sigma, channel_axis=-1, **size)
    return np.moveaxis(np.asarray(last).reshape(*image.shape[1:], -1), -1, 0)


SPLINE = np.array([1, 4, 6, 4, 1]) / 16
"""A cubic B-spline, which each level of the wavelet transform smooths with."""

LEVELS = 5
"""Of the wavelet transform."""


def wavelet(image: Array, sigma: float, strength: float) -> Array:
    """Sets wavelet coefficients to 0 that are below `strength` standard deviations; undecimated.

    Starck, Fadili & Murtagh 2007, "The undecimated wavelet decomposition and its reconstruction", IEEE Trans.
    Image Process. 16.
    """
    details, smooth = transformed(image)
    limits = strength * sigma * spreads()
    kept = np.where(np.abs(details) > limits[:, None, None, None], details, 0.0)
    return np.asarray(smooth + kept.sum(axis=0))


def transformed(image: Array) -> tuple[Array, Array]:
    """The coefficients `(LEVELS, *shape)` of `image (channels, height, width)`, and the smooth rest."""
    smooth, details = image, []
    for level in range(LEVELS):
        kernel = np.zeros(4 * 2**level + 1)
        kernel[:: 2**level] = SPLINE
        coarser = correlate1d(correlate1d(smooth, kernel, 1, mode="mirror"), kernel, 2, mode="mirror")
        details.append(smooth - coarser)
        smooth = coarser
    return np.stack(details), np.asarray(smooth)


@cache
def spreads() -> Array:
    """The standard deviation `(LEVELS,)` of the coefficients of white noise of variance 1."""
    side = 4 * 2**LEVELS + 1
    impulse = np.zeros((1, side, side))
    impulse[0, side // 2, side // 2] = 1
    return np.asarray(np.sqrt((transformed(impulse)[0] ** 2).sum(axis=(1, 2, 3))))


FILTERS: dict[str, Filter] = {
    "gaussian": Filter(gaussian, (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)),
    "median": Filter(median, (3, 5, 7)),
    "wavelet": Filter(wavelet, (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0), stabilises=True),
    "tv": Filter(total_variation, (0.5, 0.7, 1.0, 1.4, 2.0), extra=True),
    "non-local means": Filter(non_local_means, (0.4, 0.6, 0.8, 1.0), extra=True),
}


def skimage_restoration() -> ModuleType:
    """The module `skimage.restoration`.

    Raises:
        InputError: when scikit-image is not installed.
    """
    try:
        from skimage import restoration
    except ImportError as error:
        hint = "pip install 'narrows[yardsticks]'"
        raise InputError(
            f"TV, non-local means and inpainting need the extra 'yardsticks': {hint}."
        ) from error
    return restoration


def has_skimage() -> bool:
    """Whether scikit-image is installed."""
    return find_spec("skimage") is not None


def filtered(how: Filter, noisy: Array, clean: Array) -> Array:
    """`noisy` filtered with the strength that has the smallest error.

    Args:
        how: the filter.
        noisy: `(channels, height, width)`, on a scale from 0 to 1.
        clean: the same without noise; where both are equal, `noisy` is returned.
    """
    sigma = float((noisy - clean).std())
    if sigma == 0:
        return noisy
    piece = (slice(None), *(middle(side) for side in noisy.shape[1:]))

    noise = noise_between(noisy, clean) if how.stabilises else None

    def use(image: Array, strength: float) -> Array:
        if noise is None:
            return how.use(image, sigma, strength)
        return unbiased_inverse(how.use(stabilised(image, noise), 1.0, strength), noise)

    def error(strength: float) -> float:
        return float(((use(noisy[piece], strength) - clean[piece]) ** 2).mean())

    return use(noisy, min(how.strengths, key=error))


def noise_between(noisy: Array, clean: Array) -> Noise:
    """The noise of `noisy`: the line that fits its squared difference from `clean`, against `clean`, best."""
    squared = (noisy.astype(np.float64) - clean) ** 2
    beyond = clean - clean.mean(dtype=np.float64)
    gain = max(0.0, float((beyond * squared).mean() / ((beyond**2).mean() or 1.0)))
    at_0 = float(squared.mean() - gain * clean.mean(dtype=np.float64))
    if gain == 0 or at_0 >= 0:
        return Noise(max(at_0, 0.0) ** 0.5, gain)
    return Noise(0.0, gain, -at_0 / gain)


def middle(side: int) -> slice:
    """The middle `PIECE` of `side` pixels, or all of them.

    >>> middle(256 + 10), middle(9)
    (slice(5, 261, None), slice(0, 256, None))
    """
    start = max(0, (side - PIECE) // 2)
    return slice(start, start + PIECE)
