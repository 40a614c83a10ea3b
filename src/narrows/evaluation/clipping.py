"""Pixels that are cut at an end of the range."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter, uniform_filter

from narrows.core.findings import percent
from narrows.core.numbers import number
from narrows.evaluation.finest_detail import Planes

LEAST = 2e-3
"""The share of pixels at an end of the range from which on they are cut there."""

PILED = 3.0
"""How many times more pixels are at the end than at the next value, at the least."""

SIDE, MANY, FEW_COUNTS = 3, 0.25, 2.5
"""Zeros are counts if, in squares of this side with more than this share of zeros, the mean of the others is
below this many of the smallest step."""

AROUND = 5
"""Pixels that equal all in a square of this side show no noise."""


class Clipping(NamedTuple):
    """The ends of the range, and the share of pixels that are cut there; 0 if none are.

    Attributes:
        lowest: the smallest value.
        highest: the largest value.
        low: the share of pixels cut at the smallest value.
        high: the share of pixels cut at the largest value.
    """

    lowest: float
    highest: float
    low: float
    high: float

    def cut(self, planes: Planes) -> NDArray[np.bool_]:
        """Which pixels are cut."""
        at_low = planes <= self.lowest if self.low else np.zeros(planes.shape, dtype=np.bool_)
        return np.asarray(at_low | (planes >= self.highest) if self.high else at_low)

    @property
    def sentence(self) -> str:
        """What is cut, as a sentence; empty if nothing is."""
        ends = ((self.low, self.lowest), (self.high, self.highest))
        parts = [f"{percent(share)} of the pixels at {number(end)}" for share, end in ends if share]
        return f"Cut at the end of the range: {' and '.join(parts)}." if parts else ""


def clipping(planes: Planes) -> Clipping:
    """Where the pixels of `planes (n, height, width)` are cut."""
    values, counts = np.unique(planes, return_counts=True)
    lowest, highest = float(values[0]), float(values[-1])
    low, high = piled(counts), piled(counts[::-1])
    if low and lowest == 0 and are_counts(planes, values):
        low = 0.0
    return Clipping(lowest, highest, low, high)


def piled(counts: NDArray[np.intp]) -> float:
    """The share of the first of all values, if it is far more frequent than the next; else 0."""
    share = float(counts[0] / counts.sum())
    return share if len(counts) > 1 and share >= LEAST and counts[0] >= PILED * counts[1] else 0.0


def are_counts(planes: Planes, values: Planes) -> bool:
    """Whether zeros are small counts: values beside them are small, too."""
    zeros = (planes == 0).astype(np.float32)
    share, mean = (uniform_filter(each, (0, SIDE, SIDE)) for each in (zeros, planes))
    near = (share > MANY) & (share < 1 - 1e-3)
    if not near.any():
        return False
    others = mean[near].sum() / (1 - share[near]).sum()
    return bool(others < FEW_COUNTS * (values[1] - values[0]))


def still(planes: Planes) -> NDArray[np.bool_]:
    """Which pixels are equal to all around them."""
    size = (1, AROUND, AROUND)
    return np.asarray(maximum_filter(planes, size) == minimum_filter(planes, size))
