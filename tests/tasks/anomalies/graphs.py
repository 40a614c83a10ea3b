"""A graph of communities with anomalies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.examples import Data
from narrows.data.graphs.edges import Pairs
from narrows.data.graphs.graph import Graph, as_graph
from narrows.evaluation.errors import Floats


def no_odds(pairs: Pairs) -> Floats:
    """No log-odds of edges, of nodes that are told apart by their features."""
    return np.zeros(len(pairs))


class Planted(NamedTuple):
    """A graph, the nodes of a clique in it, and nodes with features of another community."""

    data: Data
    clique: NDArray[np.intp]
    strangers: NDArray[np.intp]


def planted(n: int = 200, seed: int = 0, *, features: bool = True) -> Planted:
    """Four communities with words of their own, a clique of 8 nodes, and 8 nodes with other words."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 4
    alike = labels[:, None] == labels
    edges = np.argwhere(np.triu(rng.random((n, n)) < np.where(alike, 0.1, 0.005), 1))
    chosen = rng.permutation(n)
    clique, strangers = chosen[:8], chosen[8:16]
    words = labels.copy()
    words[strangers] = (labels[strangers] + 2) % 4
    x = rng.random((n, 80)) < np.where(np.arange(80) % 4 == words[:, None], 0.4, 0.05)
    i, j = np.triu_indices(8, 1)
    every = np.concatenate([edges, np.stack([clique[i], clique[j]], axis=1)])
    odd = np.isin(np.arange(n), chosen[:16])
    x_or_none = x.astype(np.float32) if features else None
    return Planted(as_graph(Graph(every, x_or_none, n, odd, "planted")), clique, strangers)
