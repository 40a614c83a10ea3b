"""Graphs of networkx, with the attributes of their nodes as features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from narrows.core.errors import InputError
from narrows.data.columns import Array
from narrows.data.graphs.adjacency import DIRECTED, WEIGHTED, check_weights
from narrows.data.graphs.attributes import table_of
from narrows.data.graphs.feature_columns import FeatureColumns
from narrows.data.graphs.graph import Graph
from narrows.data.graphs.loaded import LoadedGraphs
from narrows.data.graphs.node_features import NONE, Features, features_in, known_features
from narrows.data.reading import INFERRED, Reading
from narrows.data.tables.table import Table
from narrows.data.tables.use import classes, without

VECTOR, LABEL = "x", "label"
"""The attribute of a node that has all of its features, and that of a graph with its label."""


def is_network(given: Any) -> bool:
    """Whether `given` is a graph of networkx."""
    return hasattr(given, "nodes") and hasattr(given, "edges") and hasattr(given, "is_directed")


def of_networks(
    networks: Sequence[Any],
    names: Sequence[str],
    title: str,
    how: Reading = INFERRED,
    known: FeatureColumns | None = None,
) -> LoadedGraphs:
    """Graphs of networkx, one or several; their nodes are in its order.

    Features are the attribute "x" of all nodes, if it is a list of numbers; else all attributes, by the rules
    of tables, as if the nodes of all graphs were the rows of one.

    Args:
        networks: the graphs.
        names: of the graphs.
        title: of all of them, for messages.
        how: which attributes name nodes, are labels, or are left out.
        known: the attributes that a model was fitted to.

    Raises:
        InputError: for attributes and weights that cannot be used.
    """
    nodes = [attributes for network in networks for _, attributes in network.nodes(data=True)]
    vectors = vectors_of(nodes, title)
    if vectors is not None:
        table, features = None, Features(vectors)
    else:
        table = table_of(nodes, f"the nodes of {title}")
        features = attributes_of(table, how, known)
    ids = None if table is None or how.id is None else table.text(how.id)
    labels = None if table is None or how.label is None or len(networks) > 1 else classes(table, how.label)
    starts = np.cumsum([0, *map(len, networks)]).tolist()
    rows: Any = features.values
    graphs = [
        Graph(
            edges_of(network, name),
            None if rows is None else rows[start:end],
            len(network),
            labels,
            name,
            tuple(ids[start:end] if ids else map(str, network.nodes)),
            features.names,
            network.graph.get(how.label or LABEL),
            columns=features.columns,
        )
        for network, name, start, end in zip(networks, names, starts, starts[1:], strict=False)
    ]
    notes = (*about(networks), *(() if table is None else table.notes), *features.notes)
    return LoadedGraphs(graphs, title, notes, features.warnings)


def vectors_of(nodes: Sequence[Mapping[str, Any]], title: str) -> Array | None:
    """The attributes "x" of nodes that are lists of numbers, as `(n, features)`; None if there are none.

    Raises:
        InputError: for lists at some nodes only, or of several lengths.
    """
    found = [node[VECTOR] for node in nodes if np.ndim(node.get(VECTOR, "")) > 0]
    if not found:
        return None
    lengths = {np.shape(x) for x in found}
    if len(found) < len(nodes) or len(lengths) > 1:
        raise InputError(
            f"{len(found):,} of {len(nodes):,} nodes of {title} have a list of features x, and of "
            f"{len(lengths):,} lengths; give all nodes one of one length, or none."
        )
    return np.stack([np.asarray(x) for x in found])


def attributes_of(table: Table, how: Reading, known: FeatureColumns | None) -> Features:
    """The features in attributes of nodes."""
    if known is not None:
        return known_features(table, known)
    others = tuple(name for name in table.columns if name not in (how.id, how.label))
    wanted = without(how.columns or others, how.drop, table)
    return features_in(table, wanted, all_wanted=bool(how.columns)) if wanted else NONE


def edges_of(network: Any, name: str) -> Array:
    """The edges of a graph `(m, 2)` by the numbers of its nodes, without those of weight 0.

    Raises:
        InputError: for weights that are below 0 or not finite.
    """
    order = {node: i for i, node in enumerate(network.nodes)}
    there = [(order[a], order[b], w) for a, b, w in network.edges(data="weight", default=1)]
    weights = np.array([weight_of(w) for *_, w in there], dtype=np.float64)
    check_weights(weights, name)
    pairs = np.array([pair for *pair, _ in there], dtype=np.int64).reshape(-1, 2)
    return pairs[weights != 0]


def weight_of(weight: Any) -> float:
    """A weight as a number; one that is none counts as 1, as it is not used."""
    try:
        return float(weight)
    except (TypeError, ValueError):
        return 1.0


def about(networks: Iterable[Any]) -> tuple[str, ...]:
    """Sentences about directions and weights, if there are some."""
    directed = any(network.is_directed() for network in networks)
    weights = {weight for network in networks for *_, weight in network.edges(data="weight", default=1)}
    return ((DIRECTED,) if directed else ()) + ((WEIGHTED,) if len(weights) > 1 else ())
