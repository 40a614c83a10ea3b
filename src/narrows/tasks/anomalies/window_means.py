"""Scores of windows as scores of time steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.evaluation.errors import Floats

Index = NDArray[np.intp]


def on_steps(scores: Floats, starts: Index, window: int, steps: int) -> Floats:
    """The mean score of the windows that hold a time step, and of those that hold its neighbours.

    The means over windows are averaged once more over a window around the time step: an anomaly changes
    what comes before and after it, and labels of anomalies are as wide.

    Args:
        scores: of windows, `(n,)`.
        starts: their first time steps, `(n,)`.
        window: their length.
        steps: of the recording.

    Returns:
        `(steps,)`; NaN where no window is.

    >>> on_steps(np.array([2.0, 4.0]), np.array([0, 1]), 2, 3).tolist()
    [2.0, 2.5, 3.5]
    """
    return smoothed(held_by(scores, starts, window, steps), window)


def held_by(scores: Floats, starts: Index, window: int, steps: int) -> Floats:
    """The mean score of the windows that hold each time step; arguments as of `on_steps`."""
    total, count = np.zeros(steps + 1), np.zeros(steps + 1)
    for sums, amounts in ((total, scores), (count, np.ones(len(scores)))):
        np.add.at(sums, starts, amounts)
        np.subtract.at(sums, starts + window, amounts)
    counts = np.rint(np.cumsum(count)[:-1])
    return np.where(counts > 0, np.cumsum(total)[:-1] / np.maximum(counts, 1), np.nan)


def smoothed(values: Floats, width: int) -> Floats:
    """The mean of the `values (steps,)` in a stretch of `width` around each, without those that are NaN.

    The stretch has as many time steps before as after, and where `width` is even one more before. NaN stays.
    """
    there = np.isfinite(values)
    sums, counts = (np.append(0.0, np.cumsum(each)) for each in (np.where(there, values, 0.0), there))
    middle = np.arange(len(values))
    first = np.maximum(middle - width // 2, 0)
    last = np.minimum(middle + (width + 1) // 2, len(values))
    return np.where(there, (sums[last] - sums[first]) / np.maximum(counts[last] - counts[first], 1), np.nan)
