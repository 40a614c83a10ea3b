"""Graphs in the objects of other libraries."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse
from torch import Tensor

from narrows.core.errors import InputError
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.graphs.adjacency import of_adjacency
from narrows.data.graphs.archives import of_arrays
from narrows.data.graphs.graph import Graph
from narrows.data.graphs.loaded import LoadedGraphs, as_examples
from narrows.data.graphs.networks import is_network, of_networks
from narrows.data.graphs.node_features import Features, features_in, known_features
from narrows.data.graphs.tables import columns_of, of_tables
from narrows.data.reading import Reading
from narrows.data.schema import Schema
from narrows.data.tables.frame_dates import with_index
from narrows.data.tables.table import Table, from_frame

WANTED = (
    "a scipy sparse adjacency, a data frame of edges, a pair of one of these and the features of the nodes, "
    "a networkx graph, a Data of PyTorch Geometric, or a dict of arrays with edges"
)


def graphs_of(
    given: Any, labels: Array | None = None, like: Schema | None = None, kind: str | None = None
) -> Data:
    """The data in graphs: what `Autoencoder(kind="graphs").fit` takes; warns of cells that are missing.

    Args:
        given: `WANTED`; or a list of these, or a data set of PyTorch Geometric. Frames are of pandas or
            polars.
        labels: of the nodes of one graph, or of several graphs.
        like: the schema of a model that the graphs must have.
        kind: "nodes" for one graph; else the number of graphs decides.

    Raises:
        InputError: for other objects, and graphs that cannot be used.
    """
    found = several_in(given, like) if is_several(given) else one_in(given, like)
    if labels is not None and len(found.graphs) == 1:
        found = found._replace(graphs=[replace(found.graphs[0], labels=labels)])
    elif labels is not None:
        if len(labels) != len(found.graphs):
            raise InputError(f"Here are {len(found.graphs):,} graphs but {len(labels):,} labels.")
        pairs = zip(found.graphs, labels.tolist(), strict=True)
        found = found._replace(graphs=[replace(graph, label=label) for graph, label in pairs])
    data = as_examples(found, kind, like)
    for warning in data.warnings:
        warnings.warn(warning, UserWarning, stacklevel=3)
    return data


def is_several(given: Any) -> bool:
    """Whether `given` is a list of graphs, or a data set of them."""
    if isinstance(given, tuple) and len(given) == 2:
        return not is_pair(given)
    counted = hasattr(given, "__getitem__") and hasattr(given, "__len__")
    return isinstance(given, (list, tuple)) or (counted and not is_graph(given))


def is_pair(given: tuple[Any, ...]) -> bool:
    """Whether two objects are the edges and the features of one graph."""
    second = given[1]
    return not (is_network(second) or hasattr(second, "edge_index") or isinstance(second, Mapping))


def is_graph(given: Any) -> bool:
    """Whether `given` is one graph, as far as its type tells."""
    known = is_network(given) or is_frame(given) or sparse.issparse(given)
    arrays = isinstance(given, (Mapping, np.ndarray, Tensor)) or hasattr(given, "files")
    return known or arrays or hasattr(given, "edge_index")


def is_frame(given: Any) -> bool:
    """Whether `given` is a data frame of pandas or polars."""
    return hasattr(given, "iloc") or hasattr(given, "to_pandas")


def several_in(given: Any, like: Schema | None) -> LoadedGraphs:
    """The graphs of a list or of a data set.

    Raises:
        InputError: for other objects in it.
    """
    each = [given[i] for i in range(len(given))]
    names = [f"graph {i}" for i in range(len(each))]
    if each and all(map(is_network, each)):
        return of_networks(each, names, "the list", known=columns_of(like))
    if any(is_frame(part) for one in each for part in (one if isinstance(one, tuple) else (one,))):
        raise InputError(
            "The list has data frames, of which one graph is read at a time; make networkx graphs of them, "
            "or dicts of arrays."
        )
    found = [one_in(one, like, name) for one, name in zip(each, names, strict=True)]
    notes = dict.fromkeys(note for one in found for note in one.notes)
    return LoadedGraphs([graph for one in found for graph in one.graphs], "the list", tuple(notes))


def one_in(given: Any, like: Schema | None, name: str = "graph") -> LoadedGraphs:
    """The graph in an object.

    Raises:
        InputError: for other objects.
    """
    first, second = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    if is_frame(first):
        return of_frames(first, second, like)
    if sparse.issparse(first) or isinstance(first, (np.ndarray, Tensor)):
        matrix = first if sparse.issparse(first) else features_of(first)
        edges, notes = of_adjacency(matrix, name)
        features = features_beside(second, like)
        return of_matrix(edges, features, matrix.shape[0], name, notes)
    if second is not None:
        raise InputError(f"A graph is {WANTED}; got a pair of {named(first)} and {named(second)}.")
    if isinstance(given, Mapping) or hasattr(given, "files"):
        return of_arrays(given, "graph", name)
    if getattr(given, "edge_index", None) is not None:
        return of_pyg(given, name)
    if is_network(given):
        return of_networks([given], [name], name, known=columns_of(like))
    raise InputError(f"A graph is {WANTED}; got {named(given)}.")


def of_matrix(edges: Array, features: Features, n: int, name: str, notes: tuple[str, ...]) -> LoadedGraphs:
    """The graph of `n` nodes in a matrix, with the features beside it."""
    graph = Graph(
        edges, features.values, n, name=name, feature_names=features.names, columns=features.columns
    )
    return LoadedGraphs([graph], "graph", (*notes, *features.notes), features.warnings)


def features_beside(given: Any, like: Schema | None) -> Features:
    """The features of nodes beside a matrix: an array, a sparse matrix, or the columns of a data frame."""
    if not is_frame(given):
        return Features(features_of(given))
    table, known = table_in(given, "the frame of nodes", index=False), columns_of(like)
    return features_in(table, list(table.columns)) if known is None else known_features(table, known)


def named(given: Any) -> str:
    """The type of an object."""
    return type(given).__name__


def features_of(given: Any) -> Any:
    """Features as an array or a sparse matrix; a tensor or a data frame of numbers becomes an array."""
    if given is None or sparse.issparse(given):
        return given
    return np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)


def of_pyg(data: Any, name: str) -> LoadedGraphs:
    """A graph of PyTorch Geometric; its labels are those of its nodes, or one of the graph."""
    beside = [key for key in ("edge_attr", "edge_weight") if getattr(data, key, None) is not None]
    notes = (f"{' and '.join(beside)} of the edges is not used.",) if beside else ()
    n, y = int(data.num_nodes), features_of(getattr(data, "y", None))
    label = y.ravel()[0].item() if y is not None and y.size == 1 and n != 1 else None
    graph = Graph(
        features_of(data.edge_index).T,
        features_of(getattr(data, "x", None)),
        n,
        y if y is not None and y.shape == (n,) and label is None else None,
        name,
        label=label,
    )
    return LoadedGraphs([graph], "graph", notes)


def of_frames(edges: Any, nodes: Any, like: Schema | None) -> LoadedGraphs:
    """The graph of a data frame of edges, and perhaps one of nodes, whose index may name them."""
    table = None if nodes is None else table_in(nodes, "the frame of nodes")
    return of_tables(table_in(edges, "the frame of edges"), table, Reading(like=like), "graph")


def table_in(frame: Any, name: str, *, index: bool = True) -> Table:
    """The table in a data frame of pandas or polars, whose index counts as a column if it names the rows.

    Raises:
        InputError: for other objects.
    """
    if not is_frame(frame):
        raise InputError(f"Beside a data frame of edges wanted is one of nodes, but got {named(frame)}.")
    found = frame if hasattr(frame, "iloc") else frame.to_pandas()
    return from_frame(with_index(found) if index else found, name)
