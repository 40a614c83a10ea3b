"""Graphs in a matrix with a row and a column for each node."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from narrows.core.errors import InputError, show
from narrows.data.columns import Array

DIRECTED = "The edges have directions, which are not used: an edge in either one joins both nodes."
WEIGHTED = "The edges have weights, which are not used, as the model predicts whether there is an edge."
"""Sentences about what is not used."""


def of_adjacency(adjacency: Any, name: str) -> tuple[Array, tuple[str, ...]]:
    """The edges `(m, 2)` where an adjacency is not zero, and sentences about directions and weights.

    Args:
        adjacency: `(n, n)`, sparse of scipy; or an array of 0 and 1.
        name: for messages.

    Raises:
        InputError: for other matrices, with the reason.
    """
    shape = tuple(adjacency.shape)
    if len(shape) != 2 or shape[0] != shape[1]:
        pairs = ", or for pairs of node numbers a dict: {'edges': array}" * (2 in shape)
        raise InputError(
            f"The adjacency of {name} has shape {show(shape)}; wanted is a row and a column for each "
            f"node{pairs}."
        )
    if not sparse.issparse(adjacency):
        adjacency = of_dense(np.asarray(adjacency), name)
    found = adjacency.tocoo()
    if found.data.dtype.kind not in "buif":
        raise InputError(f"The adjacency of {name} is of {found.data.dtype}; wanted are numbers.")
    kept = found.data != 0
    weights = found.data[kept]
    check_weights(weights, name)
    edges = np.stack([found.row[kept], found.col[kept]], axis=1).astype(np.int64)
    return edges, about(edges, weights, shape[0])


def of_dense(adjacency: Array, name: str) -> sparse.csr_matrix:
    """An array of 0 and 1 as a sparse matrix; other numbers may be distances or features.

    Raises:
        InputError: for other numbers.
    """
    values = adjacency.astype(np.float64) if adjacency.dtype.kind in "buif" else np.full((1, 1), np.nan)
    if not ((values == 0) | (values == 1)).all():
        raise InputError(
            f"The array of {name} is {show(adjacency.shape)} but not an adjacency of 0 and 1; say which "
            f"pairs are edges, as by array > 0.5, or give a scipy sparse matrix of them."
        )
    return sparse.csr_matrix(values)


def check_weights(weights: Array, name: str) -> None:
    """Refuse weights below 0 and those that are not finite.

    Raises:
        InputError: with the weight.
    """
    bad = ~np.isfinite(weights) | (weights < 0)
    if bad.any():
        raise InputError(
            f"An edge of {name} has the weight {weights[bad.argmax()]:g}; weights are not used, but one "
            f"below 0 or not finite may stand for no edge: leave such edges out, or give all the weight 1."
        )


def about(edges: Array, weights: Array, n: int) -> tuple[str, ...]:
    """Sentences about directions and weights of the `edges (m, 2)` of `n` nodes, if they have some."""
    forth, back = (np.unique(one * n + other) for one, other in (edges.T, edges[:, ::-1].T))
    said = [
        (DIRECTED, not np.array_equal(forth, back) and not one_sided(edges)),
        (WEIGHTED, bool((weights != weights[:1]).any())),
    ]
    return tuple(sentence for sentence, there in said if there)


def one_sided(edges: Array) -> bool:
    """Whether all edges are above, or all below the diagonal: then each is mentioned once only."""
    steps = np.sign(edges[:, 1] - edges[:, 0])
    return bool((steps >= 0).all() or (steps <= 0).all())
