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
from narrows.data.checks import check_finite, real
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.graphs.edges import Edges
from narrows.data.kinds.graphs import GraphSchema
from narrows.data.sources.nodes import Nodes

NAMES = "edges, and perhaps x, or x_data, x_indices, x_indptr and x_shape, num_nodes and labels"
"""The arrays of a graph in an archive."""


def as_graph(
    edges: Array,
    features: Array | sparse.spmatrix | None = None,
    nodes: int | None = None,
    labels: Array | None = None,
    name: str = "graph",
    ids: tuple[str, ...] = (),
) -> Data:
    """One graph as data.

    Args:
        edges: pairs of node numbers from 0, `(m, 2)` or `(2, m)`.
        features: of the nodes, `(n, features)`; None for nodes without.
        nodes: their number; None takes that of the features, or else the largest number in the edges.
        labels: `(n,)`, which colour pictures; the model never sees them.
        name: for messages, run folders and reports.
        ids: a name of each node.

    Raises:
        InputError: for edges or features that are not those of one graph, with the reason.
    """
    n = nodes if features is None else features.shape[0]
    if nodes not in (None, n):
        raise InputError(f"{name} has {nodes:,} nodes, but {n:,} rows of features.")
    found = Edges.of(edges, n, name)
    values = np.ones((found.n, 1), np.float32) if features is None else dense(features, name)
    schema = GraphSchema(values.dtype.name, values.shape[1:], "F", nodes=found.n if features is None else 0)
    schema.check_itself()
    for what, each in (("labels", labels), ("names", ids or None)):
        if each is not None and len(each) != found.n:
            raise InputError(f"{name} has {found.n:,} nodes but {len(each):,} {what}.")
    source = Nodes(values, {"edges": found.pairs})
    return Data(source, schema, name, ids, labels, notes=(found.note,), edges=found)


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
    return as_graph(arrays["edges"], stored_features(arrays, file.name), nodes, labels, file.stem)


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


def graph_of(given: Any, labels: Array | None = None) -> Data:
    """The graph in an object: what `Autoencoder(kind="graphs").fit` takes.

    Args:
        given: a scipy sparse adjacency, or a pair of it and the features of the nodes; a mapping or `.npz`
            archive of the arrays `NAMES`; a networkx graph, whose nodes may have features "x"; or a `Data`
            of PyTorch Geometric.
        labels: `(n,)`.

    Raises:
        InputError: for other objects, and graphs that cannot be used.
    """
    adjacency, features = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    if sparse.issparse(adjacency):
        return as_graph(*of_adjacency(adjacency), features, adjacency.shape[0], labels)
    if isinstance(given, Mapping) or hasattr(given, "files"):
        return of_arrays(given, labels)
    if hasattr(given, "edge_index"):
        x = None if given.x is None else np.asarray(given.x)
        return as_graph(np.asarray(given.edge_index).T, x, int(given.num_nodes), labels)
    if hasattr(given, "nodes") and hasattr(given, "edges"):
        return of_networkx(given, labels)
    raise InputError(
        f"A graph is a scipy sparse adjacency, a pair of it and the features of the nodes, a networkx graph, "
        f"a Data of PyTorch Geometric, or a dict of arrays with edges, but got {type(given).__name__}."
    )


def of_adjacency(adjacency: sparse.spmatrix) -> tuple[Array]:
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
    return (np.stack([found.row[kept], found.col[kept]], axis=1),)


def of_arrays(arrays: Mapping[str, Any], labels: Array | None) -> Data:
    """The graph in arrays by name."""
    found = {name: np.asarray(arrays[name]) for name in arrays}
    if "edges" not in found:
        raise InputError(
            f"A graph as a dict of arrays has {NAMES}, but these are {', '.join(found) or 'none'}."
        )
    count = found.get("num_nodes")
    nodes = None if count is None else int(count.ravel()[0])
    own = found.get("labels") if labels is None else labels
    return as_graph(found["edges"], stored_features(found, "the graph"), nodes, own)


def of_networkx(graph: Any, labels: Array | None) -> Data:
    """A networkx graph; nodes are in its order, and their features are the attribute "x" of all or none."""
    order = {node: i for i, node in enumerate(graph.nodes)}
    edges = np.array([(order[a], order[b]) for a, b, *_ in graph.edges], dtype=np.int64).reshape(-1, 2)
    rows = [attributes["x"] for _, attributes in graph.nodes(data=True) if "x" in attributes]
    if rows and len(rows) < len(order):
        raise InputError(f"{len(rows):,} of {len(order):,} nodes have features x; give all or none of them.")
    data = as_graph(edges, np.array(rows) if rows else None, len(order), labels)
    return replace(data, ids=tuple(map(str, order)))
