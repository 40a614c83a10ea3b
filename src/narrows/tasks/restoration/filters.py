"""Filters that take noise away without having learned anything: what a denoiser has to beat.

Each is given what no user has, to its favour: how loud the noise is, and the strength that is best, found
with the clean image on a piece from the middle of it.
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
"""Side of the piece that a strength is chosen on."""


class Filter(NamedTuple):
    """`use` maps an image `(channels, height, width)`, the noise's σ and a strength to a cleaner one.

    `extra` says that it is scikit-image's.
    """

    use: Callable[[Array, float, float], Array]
    strengths: tuple[float, ...]
    extra: bool = False


def gaussian(image: Array, sigma: float, strength: float) -> Array:
    """A mean over neighbours, weighed by a normal curve `strength` pixels wide."""
    return np.asarray(gaussian_filter(image, (0, strength, strength)))


def median(image: Array, sigma: float, strength: float) -> Array:
    """The median of a square of `strength` pixels."""
    side = int(strength)
    return np.asarray(median_filter(image, (1, side, side)))


def total_variation(image: Array, sigma: float, strength: float) -> Array:
    """Chambolle 2004, "An algorithm for total variation minimization", J. Math. Imaging and Vision 20."""
    return np.asarray(restoration().denoise_tv_chambolle(image, weight=strength * sigma, channel_axis=0))


def non_local_means(image: Array, sigma: float, strength: float) -> Array:
    """Buades, Coll & Morel 2005, "A non-local algorithm for image denoising", CVPR."""
    use, size = restoration().denoise_nl_means, {"patch_size": 5, "patch_distance": 6, "fast_mode": True}
    found = use(np.moveaxis(image, 0, -1), h=strength * sigma, sigma=sigma, channel_axis=-1, **size)
    return np.moveaxis(np.asarray(found).reshape(*image.shape[1:], -1), -1, 0)


FILTERS: dict[str, Filter] = {
    "gaussian": Filter(gaussian, (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)),
    "median": Filter(median, (3, 5, 7)),
    "tv": Filter(total_variation, (0.5, 0.7, 1.0, 1.4, 2.0), extra=True),
    "non-local means": Filter(non_local_means, (0.4, 0.6, 0.8, 1.0), extra=True),
}


def restoration() -> ModuleType:
    """The restorations of scikit-image.

    Raises:
        InputError: when it is not installed.
    """
    try:
        from skimage import restoration
    except ImportError as error:
        hint = "pip install 'narrows[yardsticks]'"
        raise InputError(
            f"TV, non-local means and inpainting need the extra 'yardsticks': {hint}."
        ) from error
    return restoration


def filtered(how: Filter, seen: Array, wanted: Array) -> Array:
    """`seen (channels, height, width)`, on the scale of [0, 1], filtered as well as `how` can.

    Args:
        how: the filter.
        seen: a noisy image.
        wanted: the clean one; where nothing has to be done, nothing is.
    """
    sigma = float((seen - wanted).std())
    if sigma == 0:
        return seen
    piece = (slice(None), *(middle(side) for side in seen.shape[1:]))

    def error(strength: float) -> float:
        return float(((how.use(seen[piece], sigma, strength) - wanted[piece]) ** 2).mean())

    return how.use(seen, sigma, min(how.strengths, key=error))


def middle(side: int) -> slice:
    """The middle `PIECE` of `side` pixels, or all of them.

    >>> middle(256 + 10), middle(9)
    (slice(5, 261, None), slice(0, 256, None))
    """
    start = max(0, (side - PIECE) // 2)
    return slice(start, start + PIECE)
