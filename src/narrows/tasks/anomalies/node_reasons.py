"""Why a node is unusual: its improbable edges, and the features in which it differs from its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.node_views import Linked

NAMED = 3
"""Neighbours and features that are named for each node, at the most."""

ROWS = 2**12
"""Nodes whose features are compared at a time."""

WHY = {
    "edges": "its edges lead to nodes that are unlike it",
    "features": "its features are unlike those around it",
    "density": "its neighbours are joined to each other more than usual",
}
"""In words, by the name of a surprise."""


class Difference(NamedTuple):
    """A feature in which a node differs from its neighbours: its name, and by how much it is higher."""

    feature: str
    higher: float


@dataclass(frozen=True, eq=False)
class Reasons:
    """What made nodes unusual.

    Attributes:
        largest: the name of the largest surprise of each node, `(n,)`.
        neighbours: the neighbours by improbable edges, the most improbable first, `(n, NAMED)`; -1 for none.
        features: the names, or numbers from 0, of the features that differ most from the mean of the
            neighbours, `(n, NAMED)`; empty texts for none.
        higher: how much higher they are, of features of length 1 on the model's scale, `(n, NAMED)`.
    """

    largest: Array
    neighbours: NDArray[np.int64]
    features: Array
    higher: Floats

    @classmethod
    def of(cls, linked: Linked, surprises: Mapping[str, Floats]) -> Reasons:
        """The reasons of all nodes."""
        names = np.array([*surprises])
        largest = names[np.column_stack([*surprises.values()]).argmax(axis=1)]
        features, higher = different(linked)
        named = [*linked.names] or [str(k) for k in range(linked.alike[0].shape[1] if linked.alike else 0)]
        return cls(largest, improbable(linked), np.array([*named, ""])[features], higher)

    def columns(self, ids: Sequence[str]) -> dict[str, Array]:
        """As a table: `why`, and "neighbour1", "feature1", "higher1" and so on."""
        names = np.array([*ids, ""])
        table: dict[str, Array] = {"why": np.array([WHY[name] for name in self.largest])}
        table |= {f"neighbour{k + 1}": names[each] for k, each in enumerate(self.neighbours.T)}
        for k, (feature, higher) in enumerate(zip(self.features.T, self.higher.T, strict=True), 1):
            table[f"feature{k}"] = feature
            table[f"higher{k}"] = np.round(higher, 4)
        return table

    def differences(self, node: int) -> list[Difference]:
        """The features in which a node differs most from its neighbours."""
        pairs = zip(self.features[node].tolist(), self.higher[node].tolist(), strict=True)
        return [Difference(*each) for each in pairs if each[0]]


def improbable(linked: Linked) -> NDArray[np.int64]:
    """Of each node the neighbours by edges that two random nodes rather have, `(n, NAMED)`; -1 for none."""
    n, (i, j), v = linked.edges.n, linked.edges.pairs.T, linked.edge_ratios
    one, other, amount = np.concatenate([i, j]), np.concatenate([j, i]), np.concatenate([v, v])
    kept = amount > 0
    one, other, amount = one[kept], other[kept], amount[kept]
    order = np.lexsort([-amount, one])
    one, other = one[order], other[order]
    place = np.arange(len(one)) - np.searchsorted(one, one)
    found = np.full((n, NAMED), -1)
    few = place < NAMED
    found[one[few], place[few]] = other[few]
    return found


def different(linked: Linked) -> tuple[NDArray[np.int64], Floats]:
    """The numbers of the features of each node that differ most from the mean of its neighbours; how much.

    Of nodes without neighbours they are -1.
    """
    if not linked.alike:
        return np.empty((linked.edges.n, 0), dtype=np.int64), np.empty((linked.edges.n, 0))
    rows, means = linked.alike[0], sparse.diags(1 / np.maximum(linked.degrees, 1)) @ linked.adjacency
    found = [
        most_different(rows[k : k + ROWS], means[k : k + ROWS] @ rows) for k in range(0, len(rows), ROWS)
    ]
    features, higher = (np.concatenate(each) for each in zip(*found, strict=True))
    alone = linked.degrees == 0
    features[alone], higher[alone] = -1, 0.0
    return features, higher


def most_different(rows: Floats, means: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The columns in which `rows (n, features)` differ most from `means`, and the differences."""
    away = rows - means
    order = np.argsort(-np.abs(away), axis=1, kind="stable")[:, :NAMED]
    return order, np.take_along_axis(away, order, axis=1)
