"""Statistics of a training part that decide its scaling, loss and network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array

COUNTS = "counts (whole numbers, many zeros, no ceiling)"
"""How messages describe values for which `is_counts` holds."""

HEAVY_TAIL = 50.0
"""A tail is heavy when it is longer than this, in interquartile ranges from the median."""


def is_binary(x: Array) -> bool:
    """Whether exactly two values occur: of integers and booleans any two, of floats 0 and 1."""
    observed = x[~np.isnan(x)] if x.dtype.kind == "f" else x
    low, high = observed.min(), observed.max()
    if low == high or (x.dtype.kind == "f" and (low, high) != (0, 1)):
        return False
    return bool(((observed == low) | (observed == high)).all())


def is_whole(x: Array) -> bool:
    """Whether all observed values are integers and not negative."""
    observed = x[~np.isnan(x)] if x.dtype.kind == "f" else x
    return bool(observed.size and observed.min() >= 0 and (observed == np.rint(observed)).all())


def is_counts(x: Array) -> bool:
    """Whether values are likely to be counts.

    They are integers and not negative, at least a tenth are 0, and few equal the maximum, so that it is no
    ceiling. Bytes are taken for pixels.
    """
    if x.dtype == np.uint8 or x.dtype == np.bool_:
        return False
    observed = x[~np.isnan(x)] if x.dtype.kind == "f" else x
    if not is_whole(observed):
        return False
    zeros, ceiling = (observed == 0).mean(), (observed == observed.max()).mean()
    return bool(zeros >= 0.1 and ceiling < 0.001 + 1 / observed.size and observed.max() > 2)


def quartile_range(x: Array) -> NDArray[np.float64]:
    """The interquartile range of each column of `x (n, columns)`; of all values if `x` has more axes."""
    columns = x if x.ndim == 2 else x.reshape(-1, 1)
    low, high = np.nanpercentile(columns, [25, 75], axis=0)
    return np.asarray(high - low, dtype=np.float64)


def tail_length(x: Array) -> NDArray[np.float64]:
    """The largest distance from the median in interquartile ranges.

    Returns:
        `(columns,)`, or `(1,)` if `x` has more than two axes; 0 where the interquartile range is 0.
    """
    if x.dtype == np.uint8:
        return np.zeros(1)  # the range of 8-bit pixels is short
    columns = x if x.ndim == 2 else x.reshape(-1, 1)
    median, width = np.nanmedian(columns, axis=0), quartile_range(x)
    furthest = np.nanmax(np.abs(columns - median), axis=0)
    return np.asarray(np.where(width > 0, furthest / np.where(width > 0, width, 1.0), 0.0))


def heavy_tails(x: Array) -> NDArray[np.bool_]:
    """Which columns of `x (n, columns)` have a heavy tail."""
    return np.asarray((tail_length(x) > HEAVY_TAIL) & (np.nanstd(x, axis=0) > 0))


def neighbour_ratio(x: Array) -> float:
    """Von Neumann's ratio of the standardised columns of `x (n, columns)`, its median over rows.

    The mean squared difference of neighbours over twice the variance (1941, Annals of Mathematical Statistics
    12): 1 without order, far below where neighbouring columns are alike.
    """
    mean, std = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
    standardised = np.nan_to_num((x - mean) / np.where(std > 0, std, 1.0))
    steps = (np.diff(standardised, axis=1) ** 2).mean(axis=1)
    return float(np.median(steps / (2 * standardised.var(axis=1) + 1e-12)))


def widths(values: int) -> list[int]:
    """The widths of two hidden layers for examples of `values` values.

    >>> widths(4), widths(64), widths(784)
    ([64, 32], [256, 128], [512, 256])
    """
    first = next((size for size in (64, 128, 256) if size >= 4 * values), None)
    if first is None:
        first = 256 if values <= 256 else 512
    return [first, first // 2]
