"""Whether rows that follow each other are alike, as in a recording: a random split then flatters the model.

In the file's order, rows are taken from up to 100 stretches of equal length: up to eight pairs of rows that
follow each other from each. The mean squared difference within pairs is divided by that between all rows of
the stretch. This is von Neumann's ratio (1941, Ann. Math. Stat. 12) within a stretch: about 1 where the order
means nothing, near 0 in a smooth recording. The median over the stretches is taken, because a table sorted by
a few classes has stretches at their borders in which it is below 1. Pairs at random from the same rows show
what it would be by chance.

Columns that rise, or fall, at nearly all steps are left out: the rows are sorted by them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from narrows.core.findings import Finding, percent
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.errors import Floats
from narrows.evaluation.near_duplicates import filled

STRETCHES, SHORTEST, FEWEST = 100, 8, 10
"""Stretches at the most; rows of a stretch, and stretches, at the least."""

PAIRS, MAX_VALUES = 8, 2**24
"""Pairs from a stretch, and values of all rows taken, at the most."""

PAIRINGS = 99
"""Pairings at random that show the ratios by chance."""

SHARED, DEVIATIONS = 0.15, 4.0
"""The least share of the variance in common with the next row that is a warning, and the least distance from
chance in its standard deviations. None of 1155 shuffled tables of R gave one, nor did the bundled sets."""

ONE_WAY = 0.95
"""The rows are sorted by a column with a larger share of its steps up, or down."""


@dataclass(frozen=True, slots=True)
class RowOrder:
    """How alike rows are that follow each other.

    Attributes:
        shared: the share of the variance within a stretch that a row has in common with the next; about 0 by
            chance.
        deviations: the distance of the ratio from that of random pairs, in its standard deviations.
        stretch: the rows of a stretch.
    """

    shared: float = 0.0
    deviations: float = 0.0
    stretch: int = 0

    @property
    def finding(self) -> Finding | None:
        """A warning of rows that are like their neighbours."""
        if self.shared < SHARED or self.deviations < DEVIATIONS:
            return None
        text = (
            f"Rows next to each other are alike, as in a recording: a row has {percent(self.shared)} of the "
            f"variance within {self.stretch:,} rows in common with the next, so that a random split makes "
            f"the held-out error too good."
        )
        advice = (
            f"Keep such rows in one part: --blocks {self.stretch} makes blocks of that many rows, --groups "
            f"takes a column that names the recordings."
        )
        return Finding("order", "warning", text, advice)


def find_order(n: int, values: int, scaled: Callable[[Index], Array]) -> RowOrder:
    """How alike those of `n` rows are that follow each other.

    Args:
        n: the number of rows.
        values: of each row.
        scaled: the rows with given numbers, on the model's scale, `(k, values)`; NaN is a missing cell.
    """
    if n < SHORTEST * FEWEST:
        return RowOrder()
    index = pairs_of_rows(n, values)
    rows = filled(scaled(index.reshape(-1))).astype(np.float64)
    rows = rows[:, ~is_sorted(rows)]
    squares = distances(rows.reshape(len(index), 2 * index.shape[1], rows.shape[1]))
    squares = squares[squares.any(axis=(1, 2))]
    if len(squares) < FEWEST:
        return RowOrder()
    ratio, chance = median_ratio(squares), ratios_by_chance(squares)
    usual, spread = float(np.median(chance)), float(chance.std())
    if not spread:
        return RowOrder()
    return RowOrder(1 - ratio / usual, (usual - ratio) / spread, n // len(index))


def pairs_of_rows(n: int, values: int) -> Index:
    """The numbers of rows that follow each other, `(stretches, pairs, 2)`, drawn from each stretch."""
    stretches = min(STRETCHES, n // SHORTEST)
    length = n // stretches
    room = MAX_VALUES // (2 * stretches * max(1, values))
    pairs = min(PAIRS, length // 2, max(2, room))
    part = length // pairs
    places = np.random.default_rng(0).integers(0, max(1, part - 1), (stretches, pairs))
    first = (np.arange(stretches) * n // stretches)[:, None] + part * np.arange(pairs) + places
    return np.stack([first, first + 1], axis=2)


def is_sorted(rows: Floats) -> NDArray[np.bool_]:
    """Which columns of `rows (n, columns)` rise, or fall, at nearly all of their steps."""
    steps = np.diff(rows, axis=0)
    up, down = (steps > 0).sum(axis=0), (steps < 0).sum(axis=0)
    return np.asarray(np.maximum(up, down) >= ONE_WAY * (up + down))


def distances(rows: Floats) -> Floats:
    """Squared distances `(stretches, k, k)` between the rows of each stretch, `(stretches, k, values)`."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    products = centred @ centred.transpose(0, 2, 1)
    squares = np.diagonal(products, axis1=1, axis2=2)
    return np.maximum(squares[:, :, None] + squares[:, None, :] - 2 * products, 0.0) * (
        1 - np.eye(rows.shape[1])
    )


def median_ratio(squares: Floats, order: Index | None = None) -> float:
    """The median of von Neumann's ratios of stretches.

    Args:
        squares: the squared distances between the rows of each, `(stretches, k, k)`.
        order: `(stretches, k)`, how to put the rows of each; then 0 and 1, 2 and 3 … are pairs.
    """
    k = squares.shape[1]
    order = np.tile(np.arange(k), (len(squares), 1)) if order is None else order
    within = squares[np.arange(len(squares))[:, None], order[:, ::2], order[:, 1::2]].mean(axis=1)
    return float(np.median(within / (squares.sum(axis=(1, 2)) / (k * (k - 1)))))


def ratios_by_chance(squares: Floats) -> Floats:
    """Median ratios with the rows of each stretch paired at random, `(PAIRINGS,)`."""
    rng = np.random.default_rng(0)
    rows = np.tile(np.arange(squares.shape[1]), (len(squares), 1))
    return np.array([median_ratio(squares, rng.permuted(rows, axis=1)) for _ in range(PAIRINGS)])
