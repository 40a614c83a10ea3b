"""An order of the nodes of a graph that does not depend on the order in which they came.

Nodes get colours that say where they lie: their degree and features, then in rounds the colours of their
neighbours (Weisfeiler & Leman 1968). Where nodes of one colour remain, one of them gets a colour of its own,
and the rounds go on, until each node has another colour (McKay & Piperno 2014, "Practical graph isomorphism,
II", J. Symbolic Computation 60). A search along the edges then puts neighbours near each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components, shortest_path

from narrows.data.columns import Array
from narrows.data.graphs.edges import Pairs

Index = NDArray[np.intp]
Colours = NDArray[np.int64]
"""One whole number for each node; nodes of one colour are not told apart."""

MOST_TRIED = 200
"""Nodes of one colour that are tried in turn, at the most, before the first of them is taken."""

KEYS = np.random.default_rng(0).integers(1, 2**62, 2**12, dtype=np.int64)
"""Random keys of colours, whose sum over neighbours stands for the set of their colours."""


def canonical_order(edges: Pairs, features: Array) -> Index:
    """The numbers of the nodes, `(n,)`, in an order that renumbering the nodes does not change.

    Nodes that a symmetry of the graph exchanges may change places, which changes nothing else. So may nodes
    that the colours do not tell apart although no symmetry exchanges them, as in some graphs all of whose
    nodes have the same degree; for at most `MOST_TRIED` of one colour, they are looked at one step further.

    Args:
        edges: pairs of different nodes `(m, 2)`, each once.
        features: of the nodes, `(n, values)`.
    """
    near = np.zeros((len(features), len(features)), dtype=np.int64)
    near[edges[:, 0], edges[:, 1]] = near[edges[:, 1], edges[:, 0]] = 1
    labelling = np.argsort(labels_of(near, features))
    return labelling[along_edges(near[np.ix_(labelling, labelling)])]


def labels_of(near: NDArray[np.int64], features: Array) -> Colours:
    """A different colour, below n, for each node of a graph with the adjacency `near (n, n)`."""
    degree = near.sum(axis=1)
    rows = np.column_stack([degree, features]) if features.shape[1] else degree[:, None]
    colours, _ = refined(near, ranked(*rows.T[::-1]))
    forest = 2 * len(near) > degree.sum() and is_forest(near)
    while (cell := first_tie(colours)) is not None:
        tried = cell[:1] if forest or are_twins(near, cell) else cell[:MOST_TRIED]
        after = [refined(near, apart(colours, node)) for node in tried]
        colours = min(after, key=lambda each: each[1])[0]
    return colours


def ranked(*keys: Array) -> Colours:
    """The rank of each node by several keys `(n,)`, the last one first; equal keys have one rank."""
    order = np.lexsort(keys)
    changes = np.zeros(len(order), dtype=np.int64)
    for key in keys:
        changes[1:] |= np.asarray(key)[order][1:] != np.asarray(key)[order][:-1]
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.cumsum(changes)
    return ranks


def refined(near: NDArray[np.int64], colours: Colours) -> tuple[Colours, tuple[int, ...]]:
    """Colours that also tell apart nodes whose neighbours have other colours; and a key of the whole."""
    while True:
        around = near @ KEYS[colours % len(KEYS)]  # sums of whole numbers, which wrap around: exact
        finer = ranked(around, colours)
        if finer.max() == colours.max():
            order = np.lexsort((around, colours))
            return colours, tuple(around[order].tolist())
        colours = finer


def first_tie(colours: Colours) -> Index | None:
    """The nodes of the lowest colour that several have; None if there is none."""
    counts = np.bincount(colours)
    several = np.flatnonzero(counts > 1)
    return np.flatnonzero(colours == several[0]) if len(several) else None


def apart(colours: Colours, node: int) -> Colours:
    """The colours with one of its own, before that of its fellows, for `node`."""
    found = 2 * colours
    found[node] -= 1
    return ranked(found)


def are_twins(near: NDArray[np.int64], cell: Index) -> bool:
    """Whether the nodes of `cell` have the same neighbours outside of it, and all or none inside."""
    inside = near[np.ix_(cell, cell)]
    alike = inside.sum() in (0, len(cell) * (len(cell) - 1))
    outside = np.delete(near[cell], cell, axis=1)
    return bool(alike and (outside == outside[0]).all())


def is_forest(near: NDArray[np.int64]) -> bool:
    """Whether a graph has no cycle: its nodes exceed its edges by the number of its components."""
    components, _ = connected_components(near, directed=False)
    return bool(len(near) - near.sum() // 2 == components)


def along_edges(near: NDArray[np.int64]) -> Index:
    """Nodes of a labelled graph in the order of a search in depth, large components first.

    It begins at a node as far as possible from another one, and goes on to the neighbour that has most
    neighbours that were seen, and of these to that of highest degree. Of some orders this one had the least
    error of principal components, on made rings, trees, grids, random graphs of several models, wheels and
    ladders.
    """
    degree = near.sum(axis=1)
    _, component = connected_components(near, directed=False)
    pieces = [np.flatnonzero(component == i) for i in range(component.max() + 1)]
    pieces.sort(key=len, reverse=True)
    order: list[int] = []
    for piece in pieces:
        ways = shortest_path(near[np.ix_(piece, piece)], unweighted=True, directed=False)
        furthest = ways.max(axis=1)
        start = piece[np.lexsort((piece, degree[piece], -furthest))[0]]
        order += in_depth(near, degree, int(start))
    return np.array(order, dtype=np.intp)


def in_depth(near: NDArray[np.int64], degree: NDArray[np.int64], start: int) -> list[int]:
    """The nodes of the component of `start` in the order of a search in depth."""
    left = np.ones(len(near), dtype=np.bool_)
    left[start] = False
    order, path = [start], [start]
    around = near[start].copy()  # how many neighbours of each node were seen
    while path:
        following = np.flatnonzero(near[path[-1]] * left)
        if not len(following):
            path.pop()
            continue
        node = int(following[np.lexsort((following, -degree[following], -around[following]))[0]])
        left[node] = False
        around += near[node]
        order.append(node)
        path.append(node)
    return order
