"""Many small graphs as examples: each one's nodes in canonical order, padded to the largest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.core.memory import check_room
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.graphs.edges import Edges
from narrows.data.graphs.graph import Graph, dense
from narrows.data.graphs.numbering import Numbering
from narrows.data.graphs.order import Index, canonical_order
from narrows.data.kinds.graphs import GraphSchema, natures
from narrows.data.schema import Schema
from narrows.data.sources import InMemory


class Parts(NamedTuple):
    """A graph that was checked: its edges, and the features of its nodes, `(n, values)`."""

    edges: Edges
    features: Array


def as_graphs(graphs: Sequence[Graph], name: str, like: Schema | None = None) -> Data:
    """Several graphs as examples, arrays `(nodes, features + nodes)`; see `narrows.data.kinds.graphs`.

    Args:
        graphs: without directions and weights; a graph may have no edges.
        name: of all, for messages.
        like: the schema that they must have: that of a model.

    Raises:
        InputError: for a graph that cannot be used, graphs with other features than the others, and graphs
            too large for arrays of all pairs of nodes, with the reason.
    """
    parts = [parts_of(graph, i, name) for i, graph in enumerate(graphs)]
    values = check_features(parts, name)
    if isinstance(like, GraphSchema):
        check_like(parts, values, name, like)
        nodes, dtype = like.nodes, np.dtype(like.dtype)
    else:
        nodes = max(each.edges.n for each in parts)
        dtype = np.result_type(np.float32, *(each.features.dtype for each in parts if values))
    check_room(
        12 * len(parts) * nodes * (nodes + values),
        f"The {len(parts):,} graphs of {name} have up to {nodes:,} nodes, and arrays of all their pairs need",
    )
    arrays = np.full((len(parts), nodes, values + nodes), np.nan, dtype)
    orders = [canonical_order(each.edges.pairs, each.features) for each in parts]
    for array, each, order in zip(arrays, parts, orders, strict=True):
        fill(array, each, order)
    total = total_of([each.edges.to_json() for each in parts])
    labels = [graph.label for graph in graphs]
    return Data(
        InMemory(arrays),
        like or schema_of(arrays, parts, graphs[0]),
        name,
        names_of(graphs),
        None if None in labels else np.array(labels),
        notes=(*dict.fromkeys(note for graph in graphs for note in graph.notes), note_of(parts, total)),
        counts={"graphs": len(parts), **total},
        numberings=tuple(Numbering(order, graph.ids) for order, graph in zip(orders, graphs, strict=True)),
    )


def note_of(parts: Sequence[Parts], total: Mapping[str, int]) -> str:
    """What was read, in a sentence."""
    counts = [each.edges.n for each in parts]
    return (
        f"{len(parts):,} graphs of {min(counts):,} to {max(counts):,} nodes and {total['edges']:,} edges "
        f"without direction or weight; {total['isolated']:,} nodes have no edge, {total['loops']:,} "
        f"self-loops were left out, and {total['repeated']:,} mentions of an edge repeat another one."
    )


def total_of(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """The sums of counts with the same names."""
    return {name: sum(each[name] for each in counts) for name in counts[0]}


def parts_of(graph: Graph, i: int, name: str) -> Parts:
    """The `i`-th of several graphs, checked."""
    called = f"Graph {i} of {name}"
    n = graph.nodes if graph.features is None else graph.features.shape[0]
    edges = Edges.of(graph.edges, n, called, may_lack=True)
    if not edges.n:
        raise InputError(f"{called} has no nodes; leave it out.")
    if graph.nodes not in (None, edges.n):
        raise InputError(f"{called} has {graph.nodes:,} nodes, but {edges.n:,} rows of features.")
    if graph.ids and len(graph.ids) != edges.n:
        raise InputError(f"{called} has {edges.n:,} nodes but {len(graph.ids):,} names.")
    none = np.empty((edges.n, 0), np.float32)
    features = none if graph.features is None else dense(graph.features, called)
    return Parts(edges, features)


def check_features(parts: Sequence[Parts], name: str) -> int:
    """The number of features that a node has in all graphs."""
    widths = [each.features.shape[1] for each in parts]
    for i, width in enumerate(widths):
        if width != widths[0]:
            raise InputError(
                f"The nodes of graph {i} of {name} have {width:,} features, but those of graph 0 have "
                f"{widths[0]:,}; give all nodes the same features, or none."
            )
    return widths[0]


def check_like(parts: Sequence[Parts], values: int, name: str, like: GraphSchema) -> None:
    """Refuse graphs that a model fitted to others cannot take."""
    if values != like.values:
        raise InputError(
            f"The nodes of {name} have {values:,} features, but the model was fitted to nodes with "
            f"{like.values:,}."
        )
    for i, each in enumerate(parts):
        if each.edges.n > like.nodes:
            raise InputError(
                f"Graph {i} of {name} has {each.edges.n:,} nodes, but the model was fitted to graphs of at "
                f"most {like.nodes:,}; leave it out, or fit a model with graphs as large."
            )


def fill(array: Array, each: Parts, order: Index) -> None:
    """Write a graph into `array (nodes, values + nodes)`, its nodes in an order."""
    values = each.features.shape[1]
    rows = array[: len(order)]
    rows[:, :values] = each.features[order]
    rows[:, values:] = 0
    i, j = np.argsort(order)[each.edges.pairs].T
    rows[i, values + j] = rows[j, values + i] = 1


def schema_of(arrays: Array, parts: Sequence[Parts], first: Graph) -> GraphSchema:
    """The schema of graphs in `arrays (n, nodes, values + nodes)`; `first` has the names of features."""
    schema = GraphSchema(
        arrays.dtype.name,
        arrays.shape[1:],
        "NV",
        features=natures(np.concatenate([each.features for each in parts])),
        feature_names=first.feature_names,
        feature_columns=first.columns,
    )
    schema.check_itself()
    return schema


def names_of(graphs: Sequence[Graph]) -> tuple[str, ...]:
    """The names of the graphs, if they differ."""
    names = tuple(graph.name for graph in graphs)
    return names if len(set(names)) == len(names) else ()
