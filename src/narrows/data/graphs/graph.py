"""One graph as a file or an object gives it, and its nodes as examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from narrows.core.errors import InputError, show
from narrows.core.memory import check_room
from narrows.data.checks import check_finite, real
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.graphs.edges import Edges
from narrows.data.graphs.feature_columns import FeatureColumns
from narrows.data.kinds.nodes import NodeSchema
from narrows.data.sources.nodes import Nodes


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The edges of a graph and the features of its nodes, not checked.

    Attributes:
        edges: pairs of node numbers from 0, `(m, 2)` or `(2, m)`.
        features: of the nodes, `(n, features)`, an array or a sparse matrix; None for nodes without.
        nodes: their number; None takes that of the features, or else the largest number in the edges.
        labels: of the nodes, `(n,)`, which colour pictures; the model never sees them.
        name: of the graph, for messages and as its id among others.
        ids: a name of each node.
        feature_names: a name of each feature.
        label: of the graph, where it is one of many.
        notes: sentences about what the reader did, as to directions and weights.
        columns: that the features are made of, if they are from a table.
    """

    edges: Array
    features: Array | sparse.spmatrix | None = None
    nodes: int | None = None
    labels: Array | None = None
    name: str = "graph"
    ids: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    label: Any = None
    notes: tuple[str, ...] = ()
    columns: FeatureColumns | None = None


def as_graph(graph: Graph) -> Data:
    """The nodes of one graph as examples.

    Raises:
        InputError: for edges or features that are not those of one graph, with the reason.
    """
    name, features = graph.name, graph.features
    n = graph.nodes if features is None else features.shape[0]
    if graph.nodes not in (None, n):
        raise InputError(f"{name} has {graph.nodes:,} nodes, but {n:,} rows of features.")
    found = Edges.of(graph.edges, n, name)
    values = np.ones((found.n, 1), np.float32) if features is None else dense(features, name)
    places = found.n if features is None else 0
    schema = NodeSchema(
        values.dtype.name,
        values.shape[1:],
        "F",
        nodes=places,
        feature_names=graph.feature_names,
        feature_columns=graph.columns,
    )
    schema.check_itself()
    for what, each in (("labels", graph.labels), ("names", graph.ids or None)):
        if each is not None and len(each) != found.n:
            raise InputError(f"{name} has {found.n:,} nodes but {len(each):,} {what}.")
    source = Nodes(values, {"edges": found.pairs})
    notes = (*graph.notes, found.note)
    return Data(
        source, schema, name, graph.ids, graph.labels, notes=notes, edges=found, counts=found.to_json()
    )


def dense(features: Array | sparse.spmatrix, name: str) -> Array:
    """`features` as an array of finite numbers `(n, features)`.

    Raises:
        InputError: for features that are not, or do not fit into memory.
    """
    if len(features.shape) != 2:
        raise InputError(
            f"The features of {name} have shape {show(features.shape)}; wanted is a row for each node, "
            f"(nodes, features)."
        )
    if 0 in features.shape:
        raise InputError(
            f"The features of {name} have shape {show(features.shape)}: there is nothing in them."
        )
    check_room(8 * int(np.prod(features.shape)), f"The features of {name} need")
    rows: Any = features
    whole = rows.toarray() if sparse.issparse(rows) else np.asarray(rows)
    values = real(whole, name)
    check_finite(values, f"The features of {name}", allow_nan=False)
    return values
