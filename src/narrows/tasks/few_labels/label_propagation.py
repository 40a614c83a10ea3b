"""Label propagation: labels spread along a graph of nearest neighbours.

Neighbours are looked for among the codes of an encoder that was trained without labels, or among principal
components; those whose neighbours share labels more often are taken. The method is that of Zhou, Bousquet,
Lal, Weston & Schölkopf 2004, "Learning with local and global consistency", NIPS 16.
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
"""Neighbours in code space that a row passes its label on to."""

PASSED, ROUNDS = 0.99, 60
"""The share of a row's label that it takes from its neighbours, and how often they are asked."""

SPREAD = 30_000
"""Rows without a label that labels are spread to at the most, drawn at random."""

COMPONENTS, JUDGED = 32, 3000
"""Principal components that rows are neighbours by, and rows without a label by which spaces are compared."""

UNSURE = 0.3
"""The share of the rows labels were spread to that is not settled by that, those it is least sure about."""


class Labelled(NamedTuple):
    """Rows as they came, the chances `(n, classes)` of their classes, and which are settled or even given.

    What is settled has one class of chance 1.
    """

    values: Array
    target: Floats
    settled: NDArray[np.bool_]
    known: NDArray[np.bool_]


class Space:
    """Rows as points: the numbers `features (n, d)` of each, and who is whose neighbour there."""

    def __init__(self, features: Array) -> None:
        self.features = features

    @cached_property
    def _links(self) -> Any:
        return neighbours(self.features)

    def links(self, rows: NDArray[np.intp]) -> Any:
        """Who is whose neighbour among `rows`."""
        return self._links if len(rows) == len(self.features) else neighbours(self.features[rows])


def spaces(run: Run, values: Array) -> list[Space]:
    """Where labels may spread: among the codes of `values`, or among their principal components."""
    x = np.nan_to_num(run.scaled(values))
    pca = Pca.fit(x[:: 1 + len(x) // SPREAD], COMPONENTS)
    return [Space(run.encode(values)), Space((x - pca.mean) @ pca.directions.T)]


def labelled(
    values: Array, offered: Sequence[Space], y: NDArray[np.intp], classes: int, seed: int = 0
) -> Labelled:
    """The rows with a label, and others with what the labels of their neighbours say about them.

    Args:
        values: `(n, *shape)`, as they came.
        offered: where neighbours may be looked for; the best tells labels that are hidden from it.
        y: `(n,)`, the class of each row from 0, or -1 where it is not known.
        classes: how many there are.
        seed: of the draw of rows without a label.
    """
    rows = some(y, SPREAD, seed)
    given = y[rows] >= 0
    target = one_hot(y[rows], classes)
    if given.all():
        return Labelled(values[rows], target, given, given)
    chances = spread(best(offered, y, classes, seed).links(rows), target, given)
    sure = chances.max(axis=1)
    settled = given | (sure >= np.quantile(sure[~given], UNSURE))
    likeliest = np.eye(classes)[chances.argmax(axis=1)]
    return Labelled(values[rows], np.where(settled[:, None], likeliest, chances), settled, given)


def some(y: NDArray[np.intp], most: int, seed: int) -> NDArray[np.intp]:
    """The numbers of the rows with a label, and of at most so many others, in order."""
    others = np.random.default_rng(seed).permutation(np.flatnonzero(y < 0))[:most]
    return np.sort(np.concatenate([np.flatnonzero(y >= 0), others]))


def one_hot(y: NDArray[np.intp], classes: int) -> Floats:
    """Whole numbers `(n,)` as rows with a 1 in the class's place; -1 as zeros."""
    return np.eye(classes)[np.maximum(y, 0)] * (y >= 0)[:, None]


def best(offered: Sequence[Space], y: NDArray[np.intp], classes: int, seed: int) -> Space:
    """The space where labels spread to most of those labels that are hidden, one half and then the other.

    It is the first where labels are too few to hide any, and where all do equally well.
    """
    rows = some(y, JUDGED, seed)
    place = np.zeros(len(rows), dtype=np.intp)
    for c in range(classes):
        mine = np.flatnonzero(y[rows] == c)
        place[mine] = np.arange(len(mine))
    if place.max() == 0 or len(offered) == 1:
        return offered[0]
    right = [0] * len(offered)
    for i, space in enumerate(offered):
        links = neighbours(space.features[rows])
        for half in (0, 1):
            hidden = (y[rows] >= 0) & (place % 2 == half)
            told = np.where(hidden, -1, y[rows])
            found = spread(links, one_hot(told, classes), told >= 0)
            right[i] += int((found.argmax(axis=1) == y[rows])[hidden].sum())
    return offered[int(np.argmax(right))]


def neighbours(codes: Array) -> Any:
    """Who is whose neighbour among `codes (n, d)`, a sparse matrix `(n, n)`.

    Neighbours count by their distance, in units of what is usual where they lie; all of a row's together
    count about 1.
    """
    from scipy import sparse
    from sklearn.neighbors import NearestNeighbors

    n, k = len(codes), min(NEIGHBOURS, len(codes) - 1)
    search = NearestNeighbors(n_neighbors=k + 1).fit(codes)
    distances, where = (found[:, 1:] for found in search.kneighbors(codes))
    usual = np.maximum(distances[:, k // 2], 1e-12)
    weights = np.exp(-(distances**2) / (usual[:, None] * usual[where]))
    graph = sparse.csr_matrix((weights.ravel(), where.ravel(), np.arange(0, n * k + 1, k)), (n, n))
    graph = graph.maximum(graph.T)
    scale = sparse.diags(1 / np.sqrt(np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-12)))
    return scale @ graph @ scale


def spread(links: Any, target: Floats, known: NDArray[np.bool_]) -> Floats:
    """Labels `target (n, classes)` of the rows that are `known`, passed on along their `links`.

    A row that no label reaches has the same chance of all classes.
    """
    found = target
    for _ in range(ROUNDS):
        found = PASSED * (links @ found) + (1 - PASSED) * target
    total = found.sum(axis=1, keepdims=True)
    found = np.where(total > 1e-12, found / np.maximum(total, 1e-12), 1 / target.shape[1])
    return np.where(known[:, None], target, found)
