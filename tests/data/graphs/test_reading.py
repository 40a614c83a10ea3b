from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx
import numpy as np
import pytest
from scipy import sparse

from narrows.core.errors import InputError
from narrows.data.graphs.reading import graphs_of, is_graph, read_graph
from narrows.data.readers import read
from narrows.data.reading import Reading
from tests.samples import communities

GRAPH = communities(30)
EDGES, X, LABELS = (GRAPH[name] for name in ("edges", "x", "labels"))


def adjacency() -> sparse.coo_matrix:
    half = sparse.coo_matrix((np.ones(len(EDGES)), EDGES.T), shape=(30, 30))
    return half + half.T


def test_sparse_features_and_labels_of_an_archive_are_read() -> None:
    csr = sparse.csr_matrix(X)
    parts = {"x_data": csr.data, "x_indices": csr.indices, "x_indptr": csr.indptr, "x_shape": csr.shape}
    np.savez("g.npz", edges=EDGES, num_nodes=30, labels=LABELS, **parts)  # type: ignore[arg-type]
    data = read("g.npz")
    assert (data.schema.kind, data.name, data.schema.shape) == ("nodes", "g", (40,))
    np.testing.assert_array_equal(data.array, X)
    np.testing.assert_array_equal(data.source.context["edges"], EDGES)
    assert data.labels is not None
    np.savez("h.npz", edges=EDGES, x_data=csr.data)
    with pytest.raises(InputError, match="sparse features without x_indices, x_indptr, x_shape"):
        read_graph(Path("h.npz"))
    np.savez("i.npz", edges=EDGES, **{**parts, "x_indices": csr.indices + 99})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="do not fit together"):
        read_graph(Path("i.npz"))


def test_one_array_of_an_archive_is_still_a_table() -> None:
    np.savez("g.npz", edges=EDGES, x=X)
    assert is_graph(Path("g.npz"))
    assert read("g.npz::x").schema.kind == "table"
    assert read("g.npz", Reading("table")).schema.kind == "table"
    np.savez("t.npz", x=X)
    assert not is_graph(Path("t.npz"))
    with pytest.raises(InputError, match=r"t\.npz holds no graph: wanted are the arrays edges"):
        read("t.npz", Reading("nodes"))
    np.save("t.npy", X)
    with pytest.raises(InputError, match="A graph has edges, but t is an array without"):
        read("t.npy", Reading("nodes"))


@pytest.mark.parametrize("how", [Reading(patch=4), Reading(blocks=3), Reading(axes="NF")])
def test_options_of_other_kinds_are_refused(how: Reading) -> None:
    np.savez("g.npz", edges=EDGES, x=X)
    with pytest.raises(InputError, match="is not for a graph, whose parts are drawn over its edges"):
        read("g.npz", how)


@pytest.mark.parametrize(
    "given",
    [
        (adjacency(), X),
        (adjacency().tocsr(), sparse.csr_matrix(X)),
        {"edges": EDGES, "x": X},
        SimpleNamespace(edge_index=np.concatenate([EDGES, EDGES[:, ::-1]]).T, x=X, num_nodes=30),
    ],
    ids=["coo", "csr", "dict", "edge_index"],
)
def test_objects_of_several_libraries_are_the_same_graph(given: Any) -> None:
    data = graphs_of(given, LABELS)
    np.testing.assert_array_equal(data.source.context["edges"], EDGES)
    np.testing.assert_array_equal(data.array, X)


def test_nodes_of_networkx_keep_their_names() -> None:
    graph = networkx.Graph([("b", "a"), ("a", "c")])
    data = graphs_of(graph)
    assert data.ids == ("b", "a", "c")
    assert data.source.context["edges"].tolist() == [[0, 1], [1, 2]]
    assert data.schema.domain(data.schema.choose(data.array).scaling).nodes == 3
    graph.nodes["a"]["x"] = [1.0, 2.0]
    with pytest.raises(InputError, match="1 of 3 nodes have features x"):
        graphs_of(graph)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: graphs_of(adjacency().tocsr()[:20]), "The adjacency has shape 20x30"),
        (lambda: graphs_of(X), "but got ndarray"),
        (lambda: graphs_of({"x": X}), "these are x"),
        (lambda: graphs_of((adjacency(), X[:20])), "graph has 30 nodes, but 20 rows of features"),
    ],
)
def test_what_is_no_graph_is_refused(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
