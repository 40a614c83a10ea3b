"""VUS-PR: the volume under the surface of precision and recall, of scores over time.

Paparrizos et al. 2022, "Volume Under the Surface: A New Accuracy Evaluation Measure for Time-Series Anomaly
Detection", VLDB 15. A label over time begins and ends a little early or late, and so does a score. Each
anomaly therefore has a buffer on both sides, in which a label falls from 1 to 0; VUS-PR is the mean of the
average precision over buffers of all lengths from 0 to a longest one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from narrows.evaluation.errors import Floats

Index = NDArray[np.intp]

THRESHOLDS = 250
"""Thresholds at which precision and recall are computed: scores at equal distances in their order."""


def vus_pr(anomalous: NDArray[np.bool_], scores: Floats, longest: int) -> float:
    """The volume under the surface of precision and recall.

    With a buffer of length ℓ the label at a distance d ≤ ℓ / 2 from an anomaly is √(1 - d / ℓ). Of the steps
    at or above a threshold, precision is the mean label, and recall the sum of their labels divided by that
    of the anomalies and of half the labels that were met in the buffers, times the share of anomalies
    with their buffers of which a step was met.

    Args:
        anomalous: which time steps are anomalous, `(time,)`; some are and some are not.
        scores: of the time steps, `(time,)`, higher is more anomalous.
        longest: the longest buffer, in time steps; usual is the period
            (`narrows.data.recordings.period.usual_window`).

    >>> anomalous = np.arange(200) // 20 == 5
    >>> vus_pr(anomalous, 1.0 * anomalous, 0)
    1.0
    """
    anomalies, levels = intervals(anomalous), first_levels(scores)
    flagged = np.cumsum(np.bincount(levels, minlength=THRESHOLDS))
    inside = met(levels[anomalous], np.ones(anomalous.sum()))
    return float(
        np.mean(
            [
                average_precision(
                    inside,
                    met(levels, buffer_labels(anomalous, anomalies, length)),
                    met_share(levels, widened(anomalies, length // 2, len(levels))),
                    flagged,
                )
                for length in range(longest + 1)
            ]
        )
    )


def average_precision(inside: Floats, beside: Floats, share: Floats, flagged: Index) -> float:
    """The average precision with one length of buffers.

    Args:
        inside: anomalous time steps at or above each threshold, `(thresholds,)`.
        beside: the sum of labels in buffers at or above it, `(thresholds,)`.
        share: of the anomalies that are met at it, `(thresholds,)`.
        flagged: all time steps at or above it, `(thresholds,)`.
    """
    recall = share * np.minimum((inside + beside) / (inside[-1] + beside / 2), 1.0)
    return float(np.diff(recall, prepend=0.0) @ ((inside + beside) / flagged))


def intervals(anomalous: NDArray[np.bool_]) -> Index:
    """The first and the last time step of each run of `anomalous (time,)`, `(k, 2)`.

    >>> intervals(np.array([True, False, True, True])).tolist()
    [[0, 0], [2, 3]]
    """
    steps = np.diff(anomalous.astype(np.int8), prepend=0, append=0)
    return np.column_stack([np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1])


def first_levels(scores: Floats) -> Index:
    """The number of the highest threshold that each of the `scores (time,)` reaches, `(time,)`."""
    descending = -np.sort(-scores)
    thresholds = descending[np.linspace(0, len(scores) - 1, THRESHOLDS).astype(np.intp)]
    return np.searchsorted(-thresholds, -scores, side="left")


def met(levels: Index, labels: Floats) -> Floats:
    """The sum of the `labels (n,)` at or above each threshold, `(thresholds,)`."""
    return np.cumsum(np.bincount(levels, labels, minlength=THRESHOLDS))


def met_share(levels: Index, segments: Sequence[tuple[int, int]]) -> Floats:
    """The share of the `segments` with a step at or above each threshold, `(thresholds,)`."""
    first = np.array([levels[begin : end + 1].min() for begin, end in segments])
    return np.cumsum(np.bincount(first, minlength=THRESHOLDS)) / len(segments)


def buffer_labels(anomalous: NDArray[np.bool_], anomalies: Index, length: int) -> Floats:
    """The labels of time steps in buffers of a `length` beside the `anomalies`, else 0, `(time,)`."""
    labels, half = np.zeros(len(anomalous)), length // 2
    falling = np.sqrt(1 - np.arange(1, half + 1) / max(1, length))
    for begin, end in anomalies.tolist():
        before, after = min(half, begin), min(half, len(labels) - 1 - end)
        labels[begin - before : begin] += falling[:before][::-1]
        labels[end + 1 : end + 1 + after] += falling[:after]
    return np.where(anomalous, 0.0, np.minimum(labels, 1.0))


def widened(anomalies: Index, half: int, steps: int) -> list[tuple[int, int]]:
    """The `anomalies` with `half` a buffer on each side; those that touch or overlap are one.

    >>> widened(np.array([[2, 3], [8, 8], [10, 11]]), 1, 12)
    [(1, 4), (7, 11)]
    """
    return list(_joined(np.clip(anomalies + np.array([-half, half]), 0, steps - 1).tolist()))


def _joined(segments: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    begin, end = segments[0]
    for next_begin, next_end in segments[1:]:
        if end < next_begin:
            yield begin, end
            begin = next_begin
        end = next_end
    yield begin, end
