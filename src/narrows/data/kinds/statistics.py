"""What the values of a training part look like: two values, counts, heavy tails; and networks for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array

COUNTS = "counts (whole numbers, many zeros, no ceiling)"

HEAVY = 50.0
"""A tail is heavy when it reaches further than this many interquartile ranges from the median."""


def is_binary(x: Array) -> bool:
    """Whether just two values occur: any two in images of integers, else 0 and 1."""
    found = x[~np.isnan(x)] if x.dtype.kind == "f" else x
    low, high = found.min(), found.max()
    if low == high or (x.dtype.kind == "f" and (low, high) != (0, 1)):
        return False
    return bool(((found == low) | (found == high)).all())


def is_counts(x: Array) -> bool:
    """Whether values look like counts: whole, at least 0, a tenth of them 0, few at the top."""
    if x.dtype == np.uint8 or x.dtype == np.bool_:
        return False
    found = x[~np.isnan(x)] if x.dtype.kind == "f" else x
    if found.min() < 0 or (found != np.rint(found)).any():
        return False
    zeros, ceiling = (found == 0).mean(), (found == found.max()).mean()
    return bool(zeros >= 0.1 and ceiling < 0.001 + 1 / found.size and found.max() > 2)


def quartile_range(x: Array) -> NDArray[np.float64]:
    """The interquartile range of each column of `x (n, columns)`; of all values where `x` has more axes."""
    columns = x if x.ndim == 2 else x.reshape(-1, 1)
    low, high = np.nanpercentile(columns, [25, 75], axis=0)
    return np.asarray(high - low, dtype=np.float64)


def tail_length(x: Array) -> NDArray[np.float64]:
    """The largest distance from the median in interquartile ranges, by column; 0 where those are 0."""
    if x.dtype == np.uint8:
        return np.zeros(1)  # 256 values have no tails to speak of
    columns = x if x.ndim == 2 else x.reshape(-1, 1)
    middle, width = np.nanmedian(columns, axis=0), quartile_range(x)
    furthest = np.nanmax(np.abs(columns - middle), axis=0)
    return np.asarray(np.where(width > 0, furthest / np.where(width > 0, width, 1.0), 0.0))


def widths(values: int) -> list[int]:
    """Two hidden layers for examples of so many values.

    >>> widths(4), widths(64), widths(784)
    ([64, 32], [256, 128], [512, 256])
    """
    first = next((size for size in (64, 128, 256) if size >= 4 * values), None)
    if first is None:
        first = 256 if values <= 256 else 512
    return [first, first // 2]
