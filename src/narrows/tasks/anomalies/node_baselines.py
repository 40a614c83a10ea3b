"""Anomaly scores of nodes without training, for comparison."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from narrows.data.graphs.propagation import normalised_adjacency
from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.node_views import Linked

COMPONENTS = 16
"""Of the SVD of S²X."""


def degree(linked: Linked) -> Floats:
    """The number of neighbours."""
    return linked.degrees


def residual(linked: Linked) -> Floats | None:
    """‖x - V Vᵀ x‖² of the features x of a node, V the leading right singular vectors of S²X."""
    from sklearn.utils.extmath import randomized_svd

    if not linked.alike:
        return None
    s, x = normalised_adjacency(linked.edges.pairs, linked.edges.n), linked.alike[0]
    smooth = s @ (s @ x)
    _, _, v = randomized_svd(smooth, min(COMPONENTS, *smooth.shape), random_state=0)
    return np.asarray(((x - (x @ v.T) @ v) ** 2).sum(axis=1))


def unlike_neighbours(linked: Linked) -> Floats | None:
    """1 - cosine of the features of a node and the mean of those of its neighbours."""
    if not linked.alike:
        return None
    return np.asarray(1 - np.einsum("ij,ij->i", linked.alike[0], linked.contexts[0][0]))


BASELINES: dict[str, Callable[[Linked], Floats | None]] = {
    "degree": degree,
    "residual of S²X": residual,
    "unlike neighbours": unlike_neighbours,
}
