"""Distances to the nearest reference rows, and how surprising they are.

The distances to neighbours 1, 3 and 5 detect single rows in a gap of the data. Anomalies that resemble each
other are each other's neighbours; only distances of higher rank detect them: to neighbours 8, 16, 32 … up to
a twentieth of the reference rows. The surprise of a distance is that among the reference rows
(`narrows.tasks.anomalies.tail`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.tail import Tail

NEAR = (1, 3, 5)
"""Neighbour ranks that detect single rows."""

FIRST_WIDE, WIDEST = 8, 0.05
"""The first rank that detects groups of rows, and the last one as a share of the reference rows."""

AROUND = 32
"""Neighbours whose mean tells what is usual around a row."""

MAX_DISTANCES = 2**22
"""Distances that are computed at a time, at the most."""

SOFTENING = 0.01
"""Distances are softened by this share of the reference rows' total standard deviation: the distance to a
copy is not 0, and its logarithm is finite."""


class Distances(NamedTuple):
    """Distances of a slice of the rows: to all reference rows `(n, m)`, and to the ranks `(n, ranks)`."""

    rows: slice
    all: Floats
    ranked: Floats


class Neighbours:
    """The neighbours of rows among reference rows.

    Args:
        reference: `(m, values)`, m at least 2.
    """

    def __init__(self, reference: Array) -> None:
        self.reference = torch.as_tensor(np.asarray(reference, dtype=np.float64))
        self.ranks = neighbour_ranks(len(reference))
        # Where all reference rows are equal any other row is far away.
        total = float(torch.sqrt(self.reference.var(dim=0, correction=0).sum()))
        self.softening = SOFTENING * total or 1e-12
        inside = np.ones(len(reference), dtype=np.bool_)
        logs = self.logs(self.ranked(self.reference.numpy(), inside))
        self.tails = [Tail(of_rank) for of_rank in logs.T]
        self.of_reference = self._surprises(logs, inside)
        """The surprises of the reference rows, each compared with the others, `(m, ranks)`."""

    def distances(self, rows: Array, in_reference: NDArray[np.bool_]) -> Iterator[Distances]:
        """Distances, slice by slice; a row that is `in_reference` is not its own neighbour."""
        queries = torch.as_tensor(np.asarray(rows, dtype=np.float64))
        step = max(1, MAX_DISTANCES // len(self.reference))
        for first in range(0, len(rows), step):
            piece = slice(first, first + step)
            distances = torch.cdist(queries[piece], self.reference).numpy()
            places = self.ranks - 1 + in_reference[piece, None]
            # To sort the few nearest is faster than to partition all at each rank.
            last = int(places.max(initial=0))
            nearest = np.sort(np.partition(distances, last, axis=1)[:, : last + 1], axis=1)
            yield Distances(piece, distances, np.take_along_axis(nearest, places, axis=1))

    def ranked(self, rows: Array, in_reference: NDArray[np.bool_]) -> Floats:
        """The distances of `rows (n, values)` to the neighbours of each rank, `(n, ranks)`."""
        return np.concatenate([each.ranked for each in self.distances(rows, in_reference)])

    def logs(self, ranked: Floats) -> Floats:
        """Softened logarithms of distances: log √(distance² + softening²)."""
        return 0.5 * np.log(ranked**2 + self.softening**2)

    def surprises(self, rows: Array, in_reference: NDArray[np.bool_]) -> Floats:
        """The surprise of the distance of `rows (n, values)` to each rank, `(n, ranks)`."""
        return self._surprises(self.logs(self.ranked(rows, in_reference)), in_reference)

    def _surprises(self, logs: Floats, in_reference: NDArray[np.bool_]) -> Floats:
        both = zip(self.tails, logs.T, strict=True)
        return np.column_stack([tail.surprise(of_rank, in_reference) for tail, of_rank in both])

    def shares(self, rows: Array, in_reference: NDArray[np.bool_], amounts: Floats) -> Floats:
        """The `amounts (n, ranks)` of the ranks divided among the values of `rows (n, values)`.

        A squared distance is a sum over values, so each has a share in it. For each rank the neighbours up to
        it are averaged. The sums over rows stay the same.
        """
        x = np.asarray(rows, dtype=np.float64)
        slices = self.distances(x, in_reference)
        return np.concatenate([self._shares(x[each.rows], each, amounts[each.rows]) for each in slices])

    def _shares(self, x: Floats, distances: Distances, amounts: Floats) -> Floats:
        """`shares` of a slice."""
        reference, weights = self.reference.numpy(), self._reference_weights(distances, amounts)
        squares = weights.sum(axis=1)[:, None] * x**2 - 2 * x * (weights @ reference)
        squares = np.maximum(squares + weights @ reference**2, 0.0)
        total = amounts.sum(axis=1) / np.maximum(squares.sum(axis=1), 1e-300)
        return np.asarray(squares * total[:, None])

    def neighbour_means(self, rows: Array, in_reference: NDArray[np.bool_], values: Array) -> Floats:
        """Means of the `values (m, …)` of the `AROUND` nearest neighbours of each of `rows`."""
        count, means = min(AROUND, len(self.reference) - 1), np.empty((len(rows), values.shape[1]))
        for piece, distances, _ in self.distances(rows, in_reference):
            order = np.argsort(distances, axis=1, kind="stable")
            first = in_reference[piece, None].astype(np.intp)
            means[piece] = values[np.take_along_axis(order, first + np.arange(count), axis=1)].mean(axis=1)
        return means

    def _reference_weights(self, found: Distances, amounts: Floats) -> csr_array:
        """The weight of each reference row in the explanation of a row, `(n, m)`; copies of a row have none.

        The amount of a rank is divided evenly among the neighbours up to it, as weight · distance².
        """
        near = (found.all <= found.ranked[:, -1:]) & (found.all > 1e-3 * self.softening)
        row, column = np.nonzero(near)
        distances, weights = found.all[near], np.zeros(len(row))
        for k in np.flatnonzero(amounts.any(axis=0)):
            within = distances <= found.ranked[row, k]
            total = np.bincount(row[within], distances[within] ** 2, len(amounts))
            weights += within * (amounts[:, k] / np.maximum(total, 1e-300))[row]
        return csr_array((weights, (row, column)), near.shape)


def neighbour_ranks(m: int) -> NDArray[np.intp]:
    """The neighbour ranks of `m` reference rows: those in `NEAR`, 8, and powers of 2 up to a twentieth of m.

    >>> neighbour_ranks(2).tolist(), neighbour_ranks(700).tolist()
    ([1], [1, 3, 5, 8, 16, 32])
    """
    powers = FIRST_WIDE * 2 ** np.arange(max(1, int(WIDEST * m) // FIRST_WIDE).bit_length())
    return np.unique(np.minimum([*NEAR, *powers], m - 1))
