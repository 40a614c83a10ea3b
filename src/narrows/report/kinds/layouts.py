"""Places of the nodes of a small graph in the plane, the same each time for the same graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import shortest_path

from narrows.data.columns import Array

Floats = NDArray[np.float64]

ROUNDS = 60
"""Steps towards places whose distances are those along the edges."""


def layout(near: Array) -> Floats:
    """Places `(n, 2)` in the unit square of the nodes of a graph with the adjacency `near (n, n)`.

    Distances in the plane are near those along the edges; each pair counts by the inverse of their square.
    Gansner, Koren & North 2004, "Graph drawing by stress majorization", GD. Components are a little further
    apart than their nodes.
    """
    n = len(near)
    if n < 3:
        return np.array([[0.5, 0.5]] if n == 1 else [[0.25, 0.5], [0.75, 0.5]])[:n]
    far = shortest_path(near, unweighted=True, directed=False)
    reached = np.isfinite(far)
    far = np.where(reached, far, 2 + np.sqrt(n))
    weights = np.where(reached, 1.0, 0.2) / np.maximum(far, 1) ** 2
    np.fill_diagonal(weights, 0)
    return in_square(majorised(far, weights, begun(far)))


def begun(far: Floats) -> Floats:
    """Places by the two largest principal coordinates of the distances `far (n, n)` (Torgerson 1952)."""
    squared = far**2
    centred = squared - squared.mean(0) - squared.mean(1)[:, None] + squared.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    places = vectors[:, :-3:-1] * np.sqrt(np.maximum(values[:-3:-1], 0))
    n = np.arange(len(far))
    turns = 2.4 * n  # golden angle: nodes with equal distances to all others do not fall on each other
    return np.asarray(places + 0.1 * np.stack([np.cos(turns), np.sin(turns)], axis=1))


def majorised(far: Floats, weights: Floats, places: Floats) -> Floats:
    """Places after some rounds of stress majorisation."""
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.pinv(laplacian)
    for _ in range(ROUNDS):
        apart = np.linalg.norm(places[:, None] - places, axis=2)
        pull = weights * far / np.maximum(apart, 1e-9)
        np.fill_diagonal(pull, 0)
        places = inverse @ ((np.diag(pull.sum(axis=1)) - pull) @ places)
    return places


def in_square(places: Floats) -> Floats:
    """Places moved and scaled into the unit square, the longer side along x."""
    centred = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    return np.asarray(0.5 + (turned - (low + high) / 2) / max(float((high - low).max()), 1e-9))
