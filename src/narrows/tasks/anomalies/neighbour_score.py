"""A nearest-neighbour anomaly score over all neighbour ranks from the first to half of the reference rows.

The distance to the first neighbour detects single rows in a gap of the data. Anomalies that resemble each
other are each other's neighbours; only distances of high rank detect them. So the logarithms of the distances
to neighbours 1, 2, 4, 8 … are each standardised by those of the reference rows, and the score is a soft
maximum over the ranks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.data.schema import Array
from narrows.evaluation.errors import Floats

MAX_DISTANCES = 2**22
"""Distances that are computed at a time, at the most."""

CALIBRATION_ROWS = 1000
"""Reference rows whose distances standardise those of others, at the most."""

SOFTENING = 0.01
"""Distances are softened by this share of the reference rows' total standard deviation: the distance to a
copy is not 0, and its logarithm is finite."""

SHARPNESS = 2.0
"""c of the soft maximum."""


class Distances(NamedTuple):
    """Distances of a slice of the rows: to all reference rows `(n, m)`, and to the ranks `(n, ranks)`."""

    rows: slice
    all: Floats
    ranked: Floats


class NeighbourScore:
    """The score of rows against reference rows.

    Args:
        reference: `(m, values)`, m at least 2.
        seed: of the draw of calibration rows.
    """

    def __init__(self, reference: Array, seed: int = 0) -> None:
        self.reference = torch.as_tensor(np.asarray(reference, dtype=np.float64))
        self.ranks = neighbour_ranks(len(reference))
        # Where all reference rows are equal any other row is far away.
        total = float(torch.sqrt(self.reference.var(dim=0, correction=0).sum()))
        self.softening = SOFTENING * total or 1e-12
        drawn = np.random.default_rng(seed).permutation(len(reference))[:CALIBRATION_ROWS]
        logs = self.log_distances(self.reference[drawn].numpy(), np.ones(len(drawn), dtype=np.bool_))
        self.mean, self.std = logs.mean(axis=0), np.maximum(logs.std(axis=0), 1e-3)

    def distances(self, rows: Array, in_reference: NDArray[np.bool_]) -> Iterator[Distances]:
        """Distances, slice by slice; a row that is `in_reference` is not its own neighbour."""
        queries = torch.as_tensor(np.asarray(rows, dtype=np.float64))
        step = max(1, MAX_DISTANCES // len(self.reference))
        for first in range(0, len(rows), step):
            piece = slice(first, first + step)
            distances = torch.cdist(queries[piece], self.reference).numpy()
            places = self.ranks - 1 + in_reference[piece, None]
            ordered = np.partition(distances, np.unique(places), axis=1)
            yield Distances(piece, distances, np.take_along_axis(ordered, places, axis=1))

    def log_distances(self, rows: Array, in_reference: NDArray[np.bool_]) -> Floats:
        """Softened logarithms of the distances to the ranks, `(n, ranks)`."""
        return np.concatenate([self.softened(each.ranked) for each in self.distances(rows, in_reference)])

    def softened(self, distances: Floats) -> Floats:
        """Log √(distance² + softening²)."""
        return 0.5 * np.log(distances**2 + self.softening**2)

    def standardised(self, log_distances: Floats) -> Floats:
        """Deviations from the reference rows' mean, in their standard deviations, for each rank."""
        return (log_distances - self.mean) / self.std

    def scores(self, rows: Array, in_reference: NDArray[np.bool_]) -> Floats:
        """The scores `(n,)` of `rows (n, values)`: about 0 for rows like the reference, else higher."""
        return soft_maximum(self.standardised(self.log_distances(rows, in_reference)))

    def shares(self, rows: Array, in_reference: NDArray[np.bool_]) -> Floats:
        """The share of each value of `rows (n, values)` in the distances that the score consists of.

        A squared distance is a sum over values, so each has a share in it. For each rank the neighbours up to
        it are averaged; ranks have their weights in the score.
        """
        reference, shares = self.reference.numpy(), np.empty(np.shape(rows))
        for piece, weights in self._weights(rows, in_reference):
            x = np.asarray(rows[piece], dtype=np.float64)
            squares = weights.sum(axis=1)[:, None] * x**2 - 2 * x * (weights @ reference)
            squares = np.maximum(squares + weights @ reference**2, 0.0)
            shares[piece] = squares / np.maximum(squares.sum(axis=1), 1e-300)[:, None]
        return shares

    def neighbour_means(self, rows: Array, in_reference: NDArray[np.bool_], values: Array) -> Floats:
        """Means of the `values (m, …)` of the neighbours of `rows`; ranks have their weights in the score."""
        means = np.empty((len(rows), values.shape[1]))
        for piece, weights in self._weights(rows, in_reference, by_distance=False):
            means[piece] = weights @ values / np.maximum(weights.sum(axis=1), 1e-300)[:, None]
        return means

    def _weights(
        self, rows: Array, in_reference: NDArray[np.bool_], *, by_distance: bool = True
    ) -> Iterator[tuple[slice, Floats]]:
        """The weight of each reference row in the explanation of a row, `(n, m)`, slice by slice."""
        for piece, distances, ranked in self.distances(rows, in_reference):
            yield piece, self._reference_weights(distances, ranked, by_distance)

    def _reference_weights(self, distances: Floats, ranked: Floats, by_distance: bool) -> Floats:
        """The weights of the ranks, each divided among the neighbours up to it; copies of a row have none.

        `by_distance` divides it such that weight · distance² adds up to the weight of the rank, else evenly.
        """
        rank_weights = soft_maximum_weights(self.standardised(self.softened(ranked)))
        others = distances > 1e-3 * self.softening
        weights = np.zeros_like(distances)
        for k in range(len(self.ranks)):
            near = others & (distances <= ranked[:, k, None])
            total = np.where(near, distances**2 if by_distance else 1.0, 0.0).sum(axis=1)
            weights += near * (rank_weights[:, k] / np.maximum(total, 1e-300))[:, None]
        return weights


def neighbour_ranks(m: int) -> NDArray[np.intp]:
    """The neighbour ranks of `m` reference rows: powers of 2 up to m/2.

    >>> neighbour_ranks(2).tolist(), neighbour_ranks(100).tolist()
    ([1], [1, 2, 4, 8, 16, 32])
    """
    return 2 ** np.arange(max(1, m // 2).bit_length())


def soft_maximum(deviations: Floats) -> Floats:
    """log(mean exp(c · deviation)) / c over the ranks, `(n,)` of `(n, ranks)`."""
    top = deviations.max(axis=1)
    return np.asarray(top + np.log(np.exp(SHARPNESS * (deviations - top[:, None])).mean(axis=1)) / SHARPNESS)


def soft_maximum_weights(deviations: Floats) -> Floats:
    """The derivative of `soft_maximum`, `(n, ranks)`: the weights of the ranks, which sum to 1."""
    weights = np.exp(SHARPNESS * (deviations - deviations.max(axis=1)[:, None]))
    return np.asarray(weights / weights.sum(axis=1)[:, None])
