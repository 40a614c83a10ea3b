"""The surprise of a value: minus the logarithm of the share of other values that are at least as large.

Beyond the largest tenth of the sample the share is that of a Pareto distribution, so that a value twice as
far out is more surprising also where no sample is (Hill 1975, "A simple general approach to inference about
the tail of a distribution", Annals of Statistics 3). Its slope is that of the median of the tail, so that a
few anomalies in the sample have no influence.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from narrows.evaluation.errors import Floats

SHARE, LEAST = 0.1, 5
"""The share of the sample that the tail is fitted to, and the number of values at the least."""

ROUNDING = 1e-9
"""Logarithms that differ by less are equal: those of a row depend on the batch by the rounding of sums."""

MIN_SLOPE = 1e-3
"""How much the logarithm of a value increases while its share decreases by a factor of e, at the least."""


class Tail:
    """The upper tail of a sample.

    Args:
        logs: the logarithms of the sample, `(m,)`, m at least 1.
    """

    def __init__(self, logs: Floats) -> None:
        self.sorted = np.sort(logs)
        size = min(len(logs), max(LEAST, int(SHARE * len(logs))))
        self.begin, self.share = float(self.sorted[-size]), size / len(logs)
        self.slope = max(float(np.median(self.sorted[-size:]) - self.begin) / math.log(2), MIN_SLOPE)

    def surprise(self, logs: Floats, in_sample: NDArray[np.bool_]) -> Floats:
        """Of values with the logarithms `logs (n,)`; one of the sample is compared with the others.

        >>> tail = Tail(np.log(np.arange(1.0, 100.0)))
        >>> np.exp(-tail.surprise(np.log([50.0, 50.0]), np.array([False, True]))).round(3).tolist()
        [0.51, 0.505]
        """
        m, outside = len(self.sorted), ~in_sample
        above = m - np.searchsorted(self.sorted, logs - ROUNDING, side="left")
        counted = -np.log(np.maximum(above + outside, 1) / (m + outside))
        extrapolated = (logs - self.begin) / self.slope - math.log(self.share)
        return np.where(logs > self.begin, extrapolated, counted)
