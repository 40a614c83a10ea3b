"""Ranks of numbers; equal ones share the mean of theirs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from narrows.evaluation.errors import Floats


def ranks(x: ArrayLike) -> Floats:
    """The ranks of the numbers in each column of `x (n, …)`, from 1; NaN has none and stays.

    >>> ranks([30.0, 10.0, np.nan, 10.0])
    array([3. , 1.5, nan, 1.5])
    """
    return np.apply_along_axis(ranks_of_one, 0, np.asarray(x, dtype=np.float64))


def ranks_of_one(x: Floats) -> Floats:
    """The ranks of the numbers `x (n,)`."""
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(count) - (count - 1) / 2
    return np.where(np.isnan(x), np.nan, mean_ranks[place])
