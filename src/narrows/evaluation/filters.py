"""Denoising filters without learning, as baselines of a denoiser.

They are given more than a user has: the standard deviation of the noise, and the strength with the smallest
error on a piece from the middle of the clean image.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter, median_filter

from narrows.core.errors import InputError
from narrows.data.schema import Array

PIECE = 256
"""Side of the piece that a strength is chosen on, in pixels."""


class Filter(NamedTuple):
    """A filter and the strengths to choose from.

    Attributes:
        use: maps an image `(channels, height, width)`, σ of the noise and a strength to a filtered image.
        strengths: those that are tried.
        extra: whether it needs scikit-image.
    """

    use: Callable[[Array, float, float], Array]
    strengths: tuple[float, ...]
    extra: bool = False


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


FILTERS: dict[str, Filter] = {
    "gaussian": Filter(gaussian, (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)),
    "median": Filter(median, (3, 5, 7)),
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

    def error(strength: float) -> float:
        return float(((how.use(noisy[piece], sigma, strength) - clean[piece]) ** 2).mean())

    return how.use(noisy, sigma, min(how.strengths, key=error))


def middle(side: int) -> slice:
    """The middle `PIECE` of `side` pixels, or all of them.

    >>> middle(256 + 10), middle(9)
    (slice(5, 261, None), slice(0, 256, None))
    """
    start = max(0, (side - PIECE) // 2)
    return slice(start, start + PIECE)
