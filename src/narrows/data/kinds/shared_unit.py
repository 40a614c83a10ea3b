"""Whether the columns of a table share a unit, as channels, pixels, genes and the points of a trace do.

Such columns are divided by one scale, because their sizes mean something: divided by its own standard
deviation, a channel with two photons in the whole set counts as much as the brightest one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from narrows.core.numbers import number
from narrows.data.columns import Array
from narrows.data.kinds.statistics import COUNTS, is_counts, neighbour_ratio, quartile_range

COUNTED = f"{COUNTS} of similar size"
"""What is said of counts that share a unit."""

MIN_COLUMNS, MAX_RATIO = 16, 0.5
"""Columns that a series has at least, and von Neumann's ratio that it has at most; without order it is 1."""

STEP = 10.0
"""The largest step between columns of one unit, sorted by size: a factor."""

LEAST_DISPERSION, UNDERDISPERSED = 0.8, 0.1
"""The variance of a column of counts in units of its mean, and the share of the columns below it."""

CEILING = 0.5
"""The share of the columns of pixels that reach the largest value of all."""


ENOUGH = 5000
"""Rows that are looked at, about."""


def shared_unit(x: NDArray[np.float64], names: Sequence[str]) -> str:
    """Why the columns of `x (n, columns)`, numbers with NaN for missing cells, are taken to share a unit.

    Returns:
        The end of a sentence; nothing for columns that may have different units.
    """
    x = x[:: max(1, len(x) // ENOUGH)]
    varying = x[:, np.fmax.reduce(x, axis=0) > np.fmin.reduce(x, axis=0)]
    many, numbers = x.shape[1] >= MIN_COLUMNS, numbered(names)
    if varying.shape[1] < 2 or not (many or numbers):
        return ""
    if are_counts(varying):
        return COUNTED
    if not (many and numbers):
        return ""
    if are_pixels(varying):
        low, high = number(np.nanmin(varying), 6), number(np.nanmax(varying), 6)
        return f"whole numbers from {low} to {high} in all, as of pixels"
    return "neighbours are alike, as in a trace, a spectrum or a picture" if is_series(varying) else ""


def numbered(names: Sequence[str]) -> bool:
    """Whether all names of columns have digits, as places in an order do."""
    return all(re.search(r"\d", name) for name in names)


def in_order(x: Array, names: Sequence[str]) -> bool:
    """Whether the columns of `x (n, columns)`, of one unit, are places in order: of a spectrum, of time."""
    return x.shape[1] >= MIN_COLUMNS and numbered(names) and is_series(x.astype(np.float64))


def are_counts(x: NDArray[np.float64]) -> bool:
    """Whether columns that vary hold counts of one kind.

    Half of them have zeros, few vary less than a Poisson variable of their mean, as flags and ratings do, and
    their usual sizes, the medians of the cells that are not 0, lie close together.
    """
    if not is_counts(x) or (x == 0).any(axis=0).mean() < 0.5:
        return False
    dispersion = np.nanvar(x, axis=0) / np.nanmean(x, axis=0)
    few = (dispersion < LEAST_DISPERSION).mean() <= UNDERDISPERSED
    return bool(few) and without_gap(np.nanmedian(np.where(x > 0, x, np.nan), axis=0))


def are_pixels(x: NDArray[np.float64]) -> bool:
    """Whether columns that vary hold whole numbers of the same minimum, and many of the same maximum."""
    low, high = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
    whole = bool((np.isnan(x) | (x == np.rint(x))).all())
    return whole and bool((low == low.min()).all()) and bool((high == high.max()).mean() >= CEILING)


def is_series(x: Array) -> bool:
    """Whether neighbouring columns are alike, and their interquartile ranges of similar size."""
    ranges = quartile_range(x)
    return neighbour_ratio(x) < MAX_RATIO and without_gap(ranges[ranges > 0])


def without_gap(sizes: Array) -> bool:
    """Whether no two neighbours in the order of their size differ by more than the factor `STEP`."""
    return bool((np.diff(np.log(np.sort(sizes))) <= np.log(STEP)).all())
