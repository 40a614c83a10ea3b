"""Graphs in files and in the objects of other libraries, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from narrows.core.errors import InputError, reason, show
from narrows.core.memory import check_room
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.graphs.graph import Graph, as_graph
from narrows.data.graphs.many import as_graphs
from narrows.data.kinds.graphs import GraphSchema
from narrows.data.schema import Schema

NAMES = "edges, and perhaps x, or x_data, x_indices, x_indptr and x_shape, num_nodes and labels"
"""The arrays of a graph in an archive."""


def is_graph(file: Path) -> bool:
    """Whether `file` is an archive of arrays one of which is called edges."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return "edges" in archive
    except Exception:  # a damaged archive may raise anything in the parser; who reads it says so
        return False


def read_graph(file: Path) -> Data:
    """The graph in an archive of the arrays `NAMES`; sparse features are those of a CSR matrix.

    Raises:
        InputError: for an archive that holds no graph.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            unpacked = sum(member.file_size for member in archive.zip.infolist())
            check_room(unpacked, f"{file.name} unpacks to")
            arrays = {name: archive[name] for name in archive}
    except InputError:
        raise
    except Exception as error:  # as above
        raise InputError(f"{file.name} cannot be read as an .npz archive: {reason(error)}.") from error
    if "edges" not in arrays:
        raise InputError(f"{file.name} holds no graph: wanted are the arrays {NAMES}.")
    count, labels = arrays.get("num_nodes"), arrays.get("labels", arrays.get("y"))
    nodes = None if count is None else int(count.ravel()[0])
    return as_graph(Graph(arrays["edges"], stored_features(arrays, file.name), nodes, labels, file.stem))


def stored_features(arrays: Mapping[str, Array], name: str) -> Array | sparse.spmatrix | None:
    """The features in the arrays of an archive; None if there are none."""
    if "x" in arrays or "X" in arrays:
        return arrays["x"] if "x" in arrays else arrays["X"]
    parts = [f"x_{part}" for part in ("data", "indices", "indptr", "shape")]
    missing = [part for part in parts if part not in arrays]
    if len(missing) == len(parts):
        return None
    if missing:
        raise InputError(f"{name} holds sparse features without {', '.join(missing)}.")
    values, indices, pointers, shape = (arrays[part] for part in parts)
    try:
        found = sparse.csr_matrix((values, indices, pointers), shape=tuple(map(int, shape)))
        found.check_format(full_check=True)
    except (ValueError, TypeError) as error:
        raise InputError(f"The sparse features of {name} do not fit together: {reason(error)}.") from error
    return found


def graphs_of(given: Any, labels: Array | None = None, like: Schema | None = None) -> Data:
    """The data in graphs: what `Autoencoder(kind="graphs").fit` takes.

    One graph gives its nodes as examples, of kind "nodes"; several give graphs, of kind "graphs".

    Args:
        given: a graph as `graph_in` takes it; or a list of several, or a data set of PyTorch Geometric.
        labels: `(n,)` of the nodes of one graph, or of several graphs.
        like: the schema of a model that takes the data, which decides which of the two they are.

    Raises:
        InputError: for other objects, and graphs that cannot be used.
    """
    graphs = [graph_in(given)] if is_one(given) else [graph_in(given[i]) for i in range(len(given))]
    many = isinstance(like, GraphSchema)
    if len(graphs) == 1 and not many:
        return as_graph(graphs[0] if labels is None else replace(graphs[0], labels=labels))
    if like is not None and not many:
        raise InputError(f"The model was fitted to the nodes of one graph, but here are {len(graphs):,}.")
    data = as_graphs(graphs, "the list", like)
    return data if labels is None else replace(data, labels=labels)


def is_one(given: Any) -> bool:
    """Whether `given` is no list of graphs; a tuple of two matrices is one graph, and its features."""
    if isinstance(given, (list, tuple)):
        return isinstance(given, tuple) and len(given) == 2 and bool(sparse.issparse(given[0]))
    return is_graph_like(given) or not hasattr(given, "__len__")


def is_graph_like(given: Any) -> bool:
    """Whether `given` is a sparse matrix or has the attributes of a graph."""
    known = ("edge_index", "files", "edges")
    mapping = isinstance(given, Mapping) or any(hasattr(given, name) for name in known)
    return mapping or bool(sparse.issparse(given))


def graph_in(given: Any) -> Graph:
    """The graph in an object.

    Args:
        given: a scipy sparse adjacency, or a pair of it and the features of the nodes; a mapping or `.npz`
            archive of the arrays `NAMES`; a networkx graph, whose nodes may have features "x"; or a `Data`
            of PyTorch Geometric.

    Raises:
        InputError: for other objects.
    """
    adjacency, features = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    if sparse.issparse(adjacency):
        return Graph(of_adjacency(adjacency), features, adjacency.shape[0])
    if isinstance(given, Mapping) or hasattr(given, "files"):
        return of_arrays(given)
    if hasattr(given, "edge_index"):
        x = None if given.x is None else np.asarray(given.x)
        return Graph(np.asarray(given.edge_index).T, x, int(given.num_nodes))
    if hasattr(given, "nodes") and hasattr(given, "edges"):
        return of_networkx(given)
    raise InputError(
        f"A graph is a scipy sparse adjacency, a pair of it and the features of the nodes, a networkx graph, "
        f"a Data of PyTorch Geometric, or a dict of arrays with edges, but got {type(given).__name__}."
    )


def of_adjacency(adjacency: sparse.spmatrix) -> Array:
    """The edges where `adjacency` is not zero.

    Raises:
        InputError: when it is not square.
    """
    if adjacency.shape[0] != adjacency.shape[1]:
        raise InputError(
            f"The adjacency has shape {show(adjacency.shape)}; wanted is a row and a column for each node."
        )
    found = adjacency.tocoo()
    kept = found.data != 0
    return np.stack([found.row[kept], found.col[kept]], axis=1)


def of_arrays(arrays: Mapping[str, Any]) -> Graph:
    """The graph in arrays by name."""
    found = {name: np.asarray(arrays[name]) for name in arrays}
    if "edges" not in found:
        raise InputError(
            f"A graph as a dict of arrays has {NAMES}, but these are {', '.join(found) or 'none'}."
        )
    count = found.get("num_nodes")
    nodes = None if count is None else int(count.ravel()[0])
    return Graph(found["edges"], stored_features(found, "the graph"), nodes, found.get("labels"))


def of_networkx(graph: Any) -> Graph:
    """A networkx graph; nodes are in its order, and their features are the attribute "x" of all or none."""
    order = {node: i for i, node in enumerate(graph.nodes)}
    edges = np.array([(order[a], order[b]) for a, b, *_ in graph.edges], dtype=np.int64).reshape(-1, 2)
    rows = [attributes["x"] for _, attributes in graph.nodes(data=True) if "x" in attributes]
    if rows and len(rows) < len(order):
        raise InputError(f"{len(rows):,} of {len(order):,} nodes have features x; give all or none of them.")
    features = np.array(rows) if rows else None
    return Graph(edges, features, len(order), ids=tuple(map(str, order)))
