"""Label propagation on a graph of nearest neighbours.

Zhou, Bousquet, Lal, Weston & Schölkopf 2004, "Learning with local and global consistency", NIPS 16.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array
from narrows.evaluation.errors import Floats

NEIGHBOURS = 10
"""Nearest neighbours of a row in the graph."""

ALPHA, ITERATIONS = 0.99, 60
"""The weight of the neighbours' labels in an iteration of the propagation, and the number of iterations."""


class Embedding:
    """Rows as points `features (n, d)`, and the graph of their nearest neighbours."""

    def __init__(self, features: Array) -> None:
        self.features = features

    @cached_property
    def _graph(self) -> Any:
        return neighbour_graph(self.features)

    def graph(self, rows: NDArray[np.intp]) -> Any:
        """The neighbour graph of `rows`, numbers of rows in ascending order."""
        return self._graph if len(rows) == len(self.features) else neighbour_graph(self.features[rows])


def one_hot(y: NDArray[np.intp], classes: int) -> Floats:
    """Class numbers `(n,)` as one-hot rows `(n, classes)`; -1 as zeros."""
    return np.eye(classes)[np.maximum(y, 0)] * (y >= 0)[:, None]


def neighbour_graph(points: Array) -> Any:
    """The normalised adjacency matrix D^(-1/2) W D^(-1/2) of `points (n, d)`, sparse `(n, n)`.

    W_ij = exp(-|x_i - x_j|² / (s_i s_j)) where one is among the `NEIGHBOURS` nearest neighbours of the other,
    s_i the distance of i to the middle one of its own (Zelnik-Manor & Perona 2004, "Self-tuning spectral
    clustering", NIPS 17).
    """
    from scipy import sparse
    from sklearn.neighbors import NearestNeighbors

    n, k = len(points), min(NEIGHBOURS, len(points) - 1)
    search = NearestNeighbors(n_neighbors=k + 1).fit(points)
    distances, nearest = (array[:, 1:] for array in search.kneighbors(points))
    scale = np.maximum(distances[:, k // 2], 1e-12)
    weights = np.exp(-(distances**2) / (scale[:, None] * scale[nearest]))
    graph = sparse.csr_matrix((weights.ravel(), nearest.ravel(), np.arange(0, n * k + 1, k)), (n, n))
    graph = graph.maximum(graph.T)
    degrees = np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-12)
    root = sparse.diags(1 / np.sqrt(degrees))
    return root @ graph @ root


def propagate(graph: Any, target: Floats, given: NDArray[np.bool_]) -> Floats:
    """Class probabilities `(n, classes)`: F ← α S F + (1 - α) Y, with rows normalised at the end.

    Rows that no label reaches have equal probabilities, and rows with a given label keep it.

    Args:
        graph: S, as `neighbour_graph` gives it.
        target: Y, `(n, classes)`, one-hot where a label is given, else 0.
        given: `(n,)`, where that is.
    """
    soft = target
    for _ in range(ITERATIONS):
        soft = ALPHA * (graph @ soft) + (1 - ALPHA) * target
    total = soft.sum(axis=1, keepdims=True)
    soft = np.where(total > 1e-12, soft / np.maximum(total, 1e-12), 1 / target.shape[1])
    return np.where(given[:, None], target, soft)
