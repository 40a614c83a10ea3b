"""The anomaly score of a row from the surprises of several comparisons.

The mean of the two largest surprises of single rows: an anomaly is one that two comparisons agree on, and one
comparison that does not suit the data does no harm. Groups of anomalies that resemble each other are far from
neighbours of high ranks alone. In a table their surprise is the score where it is larger than that mean; in
images and series it is one comparison more, because there high ranks often tell classes from each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.comparisons import Comparison, Comparisons

AGREEING = 2
"""Comparisons whose surprises are averaged: those that are most surprised."""


def amounts(found: Comparisons, surprises: Sequence[Floats]) -> list[Floats]:
    """What each surprise adds to the score of its row, `(n, ranks)` for each comparison.

    Args:
        found: the comparisons.
        surprises: `(n, ranks)` of each.
    """
    near = [of_near(each, part) for each, part in zip(found.all, surprises, strict=True)]
    group = of_group(found.all, surprises)
    sums, of_groups = (np.column_stack([each.sum(axis=1) for each in parts]) for parts in (near, group))
    together = of_groups.sum(axis=1, keepdims=True)
    chosen = largest(sums if found.groups_decide else np.hstack([sums, together]))
    single = [each * chosen[:, [i]] for i, each in enumerate(near)]
    if not found.groups_decide:
        return [one + chosen[:, -1:] * other for one, other in zip(single, group, strict=True)]
    wins = together[:, 0] > np.sum([each.sum(axis=1) for each in single], axis=0)
    return [np.where(wins[:, None], *both) for both in zip(group, single, strict=True)]


def of_near(comparison: Comparison, surprises: Floats) -> Floats:
    """The surprises of single rows, divided by their number, `(n, ranks)`; 0 elsewhere."""
    return surprises * comparison.near / max(1, comparison.near.sum())


def largest(sums: Floats) -> Floats:
    """1 / k for the k = `AGREEING` largest of each row of `sums (n, comparisons)`, else 0."""
    count = min(AGREEING, sums.shape[1])
    order = np.argsort(-sums, axis=1, kind="stable")[:, :count]
    chosen = np.zeros_like(sums)
    np.put_along_axis(chosen, order, 1 / count, axis=1)
    return chosen


def of_group(comparisons: Sequence[Comparison], surprises: Sequence[Floats]) -> list[Floats]:
    """The largest surprise of a group of rows, `(n, ranks)` for each comparison; 0 elsewhere."""
    wide = np.hstack([found * each.wide for each, found in zip(comparisons, surprises, strict=True)])
    only = np.zeros_like(wide)
    place = wide.argmax(axis=1)[:, None]
    np.put_along_axis(only, place, np.take_along_axis(wide, place, axis=1), axis=1)
    return np.split(only, np.cumsum([found.shape[1] for found in surprises])[:-1], axis=1)
