"""Graphs in the containers that they came in, made of what a model returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from scipy import sparse

from narrows.data.columns import words
from narrows.data.examples import Data
from narrows.data.graphs.networks import VECTOR, is_network
from narrows.data.graphs.numbering import Found, as_arrays, found_graph
from narrows.data.graphs.objects import graphs_of
from narrows.data.graphs.tables import columns_of, table_schema
from narrows.data.schema import Array, Schema
from narrows.runs.run import Run


def reconstructed(run: Run, X: Any) -> list[Any]:
    """The reconstruction of each graph in `X`, in its container and with its nodes in their order.

    Args:
        run: fitted to graphs.
        X: a list of graphs.

    Returns:
        Graphs of networkx for those, with the names and attributes of their nodes; a sparse adjacency or a
        pair of it and the features for those; else dicts of arrays as in an `.npz` archive of a graph.
    """
    data = graphs_of(X, like=run.schema)
    made = run.reconstruct(data.source)
    return [
        like(X[i], graph, data, i, run.schema) for i, graph in enumerate(graphs_in(made, data, run.schema))
    ]


def as_dicts(values: Array, schema: Schema) -> Any:
    """Examples `(n, nodes, features + nodes)` as dicts of arrays, or a single one as a dict."""
    nodes, width = schema.shape
    if values.ndim == 2:
        return as_arrays(found_graph(values, width - nodes))
    return [as_arrays(found_graph(each, width - nodes)) for each in values]


def graphs_in(made: Array, data: Data, schema: Schema) -> list[Found]:
    """The graphs in `made`, with the numbers of the nodes of `data`."""
    nodes, width = schema.shape
    orders = (numbering.order for numbering in data.numberings)
    return [found_graph(each, width - nodes, order) for each, order in zip(made, orders, strict=True)]


def like(given: Any, found: Found, data: Data, i: int, schema: Schema) -> Any:
    """A graph in the container of the one that was `given`, the i-th of `data`."""
    if is_network(given):
        return as_network(given, found, schema)
    if sparse.issparse(given):
        return adjacency(found)
    if isinstance(given, tuple):
        return adjacency(found), found.features
    arrays = as_arrays(found, data.numberings[i])
    return arrays if isinstance(given, Mapping) and "ids" in given else without_ids(arrays)


def without_ids(arrays: dict[str, Array]) -> dict[str, Array]:
    """The arrays of a graph whose nodes came without names."""
    return {name: array for name, array in arrays.items() if name != "ids"}


def adjacency(found: Found) -> sparse.csr_matrix:
    """The adjacency `(n, n)` of a graph."""
    n, pairs = len(found.features), np.concatenate([found.edges, found.edges[:, ::-1]])
    return sparse.csr_matrix((np.ones(len(pairs), np.float32), pairs.T), shape=(n, n))


def as_network(given: Any, found: Found, schema: Schema) -> Any:
    """A graph of networkx, with the nodes of the one that was `given`; new ones are called so."""
    names = [*given.nodes, *(f"new {i}" for i in range(len(found.numbers)))]
    nodes = [names[number] for number in found.numbers]
    graph = type(given)()
    graph.add_nodes_from(zip(nodes, attributes(found.features, schema), strict=True))
    graph.add_edges_from((nodes[i], nodes[j]) for i, j in found.edges)
    return graph


def attributes(features: Array, schema: Schema) -> list[dict[str, Any]]:
    """The attributes of each node: those of the table that the features are made of, or one list."""
    known = columns_of(schema)
    if known is None:
        return [{VECTOR: row.tolist()} if len(row) else {} for row in features]
    rows = table_schema(known).from_model(torch.as_tensor(features)).numpy()
    cells = {name: column.tolist() for name, column in words(rows, known.columns).items()}
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
