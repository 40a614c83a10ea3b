from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from narrows.core.errors import InputError
from narrows.data.graphs.archives import is_archive, of_arrays, read_archive
from narrows.data.readers import read
from narrows.data.reading import Reading
from tests.samples import communities

GRAPH = communities(30)
EDGES, X = GRAPH["edges"], GRAPH["x"]


def test_sparse_features_and_labels_of_an_archive_are_read() -> None:
    csr = sparse.csr_matrix(X)
    parts = {"x_data": csr.data, "x_indices": csr.indices, "x_indptr": csr.indptr, "x_shape": csr.shape}
    np.savez("g.npz", edges=EDGES, num_nodes=30, labels=GRAPH["labels"], **parts)  # type: ignore[arg-type]
    data = read("g.npz")
    assert (data.schema.kind, data.name, data.schema.shape) == ("nodes", "g", (40,))
    np.testing.assert_array_equal(data.array, X)
    np.testing.assert_array_equal(data.source.context["edges"], EDGES)
    assert data.labels is not None
    np.savez("h.npz", edges=EDGES, x_data=csr.data)
    with pytest.raises(InputError, match="sparse features without x_indices, x_indptr, x_shape"):
        read_archive(Path("h.npz"))
    np.savez("i.npz", edges=EDGES, **{**parts, "x_indices": csr.indices + 99})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="do not fit together"):
        read_archive(Path("i.npz"))


def test_one_array_of_an_archive_is_still_a_table() -> None:
    np.savez("g.npz", edges=EDGES, x=X)
    assert is_archive(Path("g.npz"))
    assert read("g.npz::x").schema.kind == "table"
    assert read("g.npz", Reading("table")).schema.kind == "table"
    np.savez("t.npz", x=X)
    assert not is_archive(Path("t.npz"))
    with pytest.raises(InputError, match=r"t\.npz holds no graph: wanted are the arrays edges"):
        read("t.npz", Reading("nodes"))


def test_nodes_of_several_graphs_are_told_apart_by_numbers_or_sizes() -> None:
    arrays = {"edges": [[0, 1], [2, 4], [3, 4]], "x": np.arange(6.0)[:, None], "labels": [7, 8, 9]}
    for beside in ({"sizes": [2, 3, 1]}, {"graph": [0, 0, 1, 1, 1, 2]}):
        found = of_arrays({**arrays, **beside}, "g", "g.npz").graphs
        assert [graph.edges.tolist() for graph in found] == [[[0, 1]], [[0, 2], [1, 2]], []]
        assert [graph.nodes for graph in found] == [2, 3, 1]
        assert [graph.label for graph in found] == [7, 8, 9]
        np.testing.assert_array_equal(found[1].features, [[2.0], [3.0], [4.0]])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sizes": [2, 3]}, "graphs of 5 nodes in all, but 6 rows of features"),
        ({"sizes": [2, 3, 1], "labels": [1, 2]}, "has 3 graphs but 2 labels"),
        ({"graph": [0, 0, 1, 1, 1, -1]}, "wanted are whole numbers from 0, one for each node"),
        ({"sizes": [2.0, 3.0, 1.0]}, "wanted are whole numbers from 0, one for each graph"),
        ({"graph": [0, 1, 1, 1, 1, 1]}, "joins node 0 of graph 0 and node 1 of graph 1"),
        ({"sizes": [2, 3, 1], "edges": [[0, 9]]}, "joins node 9, but 6 nodes have a graph"),
        ({"sizes": [2, 3, 1], "ids": ["a"]}, "graphs of 6 nodes in all, but 1 ids"),
    ],
)
def test_arrays_of_several_graphs_that_do_not_fit_are_refused(changed: dict[str, Any], message: str) -> None:
    arrays = {"edges": [[0, 1], [2, 4]], "x": np.ones((6, 1)), **changed}
    with pytest.raises(InputError, match=message):
        of_arrays(arrays, "g", "g.npz")


def test_another_number_of_nodes_than_a_whole_one_is_refused() -> None:
    for count in (-1, 3.5, [1, 2]):
        with pytest.raises(InputError, match=r"num_nodes of g is .*; wanted is one whole number"):
            of_arrays({"edges": EDGES, "num_nodes": count}, "g", "g")


def test_a_damaged_archive_is_refused_in_a_sentence() -> None:
    np.savez("g.npz", edges=EDGES, x=X)
    Path("g.npz").write_bytes(Path("g.npz").read_bytes()[:-400])
    with pytest.raises(InputError, match=r"g\.npz cannot be read as an \.npz archive"):
        read("g.npz", Reading("graphs"))
