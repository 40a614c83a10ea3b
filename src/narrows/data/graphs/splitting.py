"""Several graphs whose nodes are numbered together, taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from narrows.core.errors import InputError
from narrows.data.columns import Array
from narrows.data.graphs.edges import Pairs, check_pairs
from narrows.data.graphs.graph import Graph
from narrows.data.graphs.node_features import NONE, Features

Members = NDArray[np.int64]
"""The number of the graph of each node, `(n,)`."""


def taken_apart(
    edges: Array,
    members: Members,
    name: str,
    *,
    features: Features = NONE,
    nodes: Sequence[str] = (),
    graphs: Sequence[str] = (),
    labels: Array | None = None,
    first: int = 0,
) -> list[Graph]:
    """The graphs of nodes that are numbered together.

    Args:
        edges: pairs of node numbers `(m, 2)`.
        members: the number of the graph of each node, from 0.
        name: for messages.
        features: of the nodes.
        nodes: their names.
        graphs: a name of each graph; they are numbered where there are none.
        labels: of the graphs.
        first: the number that the first node and graph have in messages.

    Raises:
        InputError: for an edge between two graphs, or one of a node that is not there.
    """
    pairs, n, count = check_pairs(edges, name), len(members), counted(members, graphs)
    check_inside(pairs, members, name, first)
    owner = members[pairs]
    order = np.argsort(members, kind="stable")
    starts = np.searchsorted(members[order], np.arange(count + 1))
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n) - starts[members[order]]
    by_graph = np.argsort(owner[:, 0], kind="stable")
    ends = np.searchsorted(owner[by_graph, 0], np.arange(count + 1))
    inside = place[pairs[by_graph]]
    rows: Any = features.values
    rows = rows.tocsr() if sparse.issparse(rows) else rows
    return [
        Graph(
            inside[ends[i] : ends[i + 1]],
            None if rows is None else rows[own],
            len(own),
            name=graphs[i] if graphs else f"graph {i}",
            ids=tuple(nodes[j] for j in own) if nodes else (),
            feature_names=features.names,
            label=None if labels is None else labels[i],
            columns=features.columns,
        )
        for i in range(count)
        for own in [order[starts[i] : starts[i + 1]]]
    ]


def check_inside(pairs: Pairs, members: Members, name: str, first: int) -> None:
    """Refuse an edge between two graphs, or one of a node that is not there; see `taken_apart`.

    Raises:
        InputError: with the nodes.
    """
    if len(pairs) and pairs.max() >= len(members):
        raise InputError(
            f"An edge of {name} joins node {pairs.max() + first}, but {len(members):,} nodes have a graph; "
            f"number them from {first}."
        )
    owner = members[pairs]
    across = owner[:, 0] != owner[:, 1]
    if across.any():
        one, other = pairs[across.argmax()]
        raise InputError(
            f"An edge of {name} joins node {one + first} of graph {members[one] + first} and node "
            f"{other + first} of graph {members[other] + first}; wanted are edges inside of a graph."
        )


def counted(members: Members, graphs: Sequence[str]) -> int:
    """The number of graphs."""
    return len(graphs) or int(members.max(initial=-1)) + 1
