"""Label propagation on a graph of nearest neighbours, and the pseudo-labels that follow.

Zhou, Bousquet, Lal, Weston & Schölkopf 2004, "Learning with local and global consistency", NIPS 16. The graph
joins neighbours among the codes of an encoder that was trained without labels, or among principal components;
labels that are hidden from the propagation decide which.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.evaluation.pca import Pca
from narrows.runs.run import Run

NEIGHBOURS = 10
"""Nearest neighbours of a row in the graph."""

ALPHA, ITERATIONS = 0.99, 60
"""The weight of the neighbours' labels in an iteration of the propagation, and the number of iterations."""

MAX_UNLABELLED = 30_000
"""Rows without a label that labels are propagated to, at the most; drawn at random."""

COMPONENTS = 32
"""Principal components among which neighbours are sought."""

COMPARED = 3000
"""Rows without a label with which embeddings are compared, at the most."""

SOFT_SHARE = 0.3
"""The share of the rows without a label that keep their propagated probabilities: the least certain ones."""


class Labelled(NamedTuple):
    """Rows and their labels.

    Attributes:
        values: `(n, *shape)`, as they came.
        target: `(n, classes)`, class probabilities.
        hard: `(n,)`, whether one class has probability 1.
        given: `(n,)`, whether it is a given label and not a propagated one.
    """

    values: Array
    target: Floats
    hard: NDArray[np.bool_]
    given: NDArray[np.bool_]


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


def embeddings(run: Run, values: Array) -> list[Embedding]:
    """The codes of `values`, and their principal components."""
    x = np.nan_to_num(run.scaled(values))
    pca = Pca.fit(x[:: 1 + len(x) // MAX_UNLABELLED], COMPONENTS)
    return [Embedding(run.encode(values)), Embedding((x - pca.mean) @ pca.directions.T)]


def pseudo_labelled(
    values: Array, offered: Sequence[Embedding], y: NDArray[np.intp], classes: int, seed: int = 0
) -> Labelled:
    """The rows with a label, and others with labels propagated from them.

    Args:
        values: `(n, *shape)`, as they came.
        offered: embeddings of `values`; the one that predicts hidden labels best is taken.
        y: `(n,)`, the number of each row's class, -1 where it has no label.
        classes: the number of classes.
        seed: of the draw of rows without a label.
    """
    rows = sampled(y, MAX_UNLABELLED, seed)
    given = y[rows] >= 0
    target = one_hot(y[rows], classes)
    if given.all():
        return Labelled(values[rows], target, given, given)
    soft = propagate(best_embedding(offered, y, classes, seed).graph(rows), target, given)
    certainty = soft.max(axis=1)
    hard = given | (certainty >= np.quantile(certainty[~given], SOFT_SHARE))
    likeliest = np.eye(classes)[soft.argmax(axis=1)]
    return Labelled(values[rows], np.where(hard[:, None], likeliest, soft), hard, given)


def sampled(y: NDArray[np.intp], most: int, seed: int) -> NDArray[np.intp]:
    """The numbers of the rows with a label, and of at most so many others, in ascending order."""
    others = np.random.default_rng(seed).permutation(np.flatnonzero(y < 0))[:most]
    return np.sort(np.concatenate([np.flatnonzero(y >= 0), others]))


def one_hot(y: NDArray[np.intp], classes: int) -> Floats:
    """Class numbers `(n,)` as one-hot rows `(n, classes)`; -1 as zeros."""
    return np.eye(classes)[np.maximum(y, 0)] * (y >= 0)[:, None]


def best_embedding(offered: Sequence[Embedding], y: NDArray[np.intp], classes: int, seed: int) -> Embedding:
    """The embedding in which propagation predicts most labels when one half and then the other is hidden.

    The first is taken where the labels are too few to hide any, and where several are equally good.
    """
    rows = sampled(y, COMPARED, seed)
    known = y[rows]
    place = place_in_class(known, classes)
    if place.max() == 0 or len(offered) == 1:
        return offered[0]
    graphs = (neighbour_graph(embedding.features[rows]) for embedding in offered)
    return offered[int(np.argmax([predicted(graph, known, place % 2, classes) for graph in graphs]))]


def place_in_class(y: NDArray[np.intp], classes: int) -> NDArray[np.intp]:
    """For each row how many earlier ones have its class, `(n,)`; 0 without a label."""
    place = np.zeros(len(y), dtype=np.intp)
    for c in range(classes):
        members = np.flatnonzero(y == c)
        place[members] = np.arange(len(members))
    return place


def predicted(graph: Any, y: NDArray[np.intp], half: NDArray[np.intp], classes: int) -> int:
    """The number of labels `y (n,)` that propagation predicts from those of the other `half (n,)`, 0 or 1."""
    correct = 0
    for hidden in ((y >= 0) & (half == h) for h in (0, 1)):
        given = np.where(hidden, -1, y)
        soft = propagate(graph, one_hot(given, classes), given >= 0)
        correct += int((soft.argmax(axis=1) == y)[hidden].sum())
    return correct


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
