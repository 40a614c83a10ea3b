"""Classical smoothing of sequences, as baselines of a denoiser.

As the filters of images they are given more than a user has: the width with the smallest error on the clean
sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

from narrows.data.schema import Array


class Smoother(NamedTuple):
    """A smoother and the widths to choose from; `use` maps `(time, channels)` and a width to the same."""

    use: Callable[[Array, float], Array]
    widths: tuple[float, ...]


def gaussian(values: Array, width: float) -> Array:
    """Gaussian smoothing; `width` is its standard deviation in time steps."""
    return np.asarray(gaussian_filter1d(values, width, axis=0))


def median(values: Array, width: float) -> Array:
    """The median of `width` time steps."""
    return np.asarray(median_filter(values, (int(width), 1)))


def savitzky_golay(values: Array, width: float) -> Array:
    """Cubic polynomials over `width` time steps (Savitzky & Golay 1964, Analytical Chemistry 36)."""
    from scipy.signal import savgol_filter

    steps = min(int(width), len(values) - 1 + len(values) % 2)
    return np.asarray(savgol_filter(values, steps, min(3, steps - 1), axis=0))


SMOOTHERS: dict[str, Smoother] = {
    "gaussian": Smoother(gaussian, (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)),
    "median": Smoother(median, (3, 5, 7, 11, 17)),
    "savitzky-golay": Smoother(savitzky_golay, (5, 7, 11, 17, 25, 41)),
}


def smoothed(how: Smoother, noisy: Array, clean: Array) -> Array:
    """`noisy (time, channels)` smoothed with the width that has the smallest error.

    Missing values are interpolated along time first.
    """
    filled = interpolated(noisy)
    made = [how.use(filled, width) for width in how.widths]
    return min(made, key=lambda each: float(np.nanmean((each - clean) ** 2)))


def interpolated(values: Array) -> Array:
    """`values (time, channels)` as float64, with NaN interpolated along time; 0 in a channel without any."""
    filled = np.array(values, dtype=np.float64)
    steps = np.arange(len(filled))
    for channel in filled.T:
        seen = ~np.isnan(channel)
        channel[:] = np.interp(steps, steps[seen], channel[seen]) if seen.any() else 0.0
    return filled
