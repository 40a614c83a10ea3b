"""Many graphs become arrays of one shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.graph import Graph
from narrows.data.graphs.many import as_graphs

PATH = np.array([[0, 1], [1, 2]])
TRIANGLE = np.array([[0, 1], [1, 2], [2, 0]])


def of(edges: Any, n: int, width: int = 2, **more: Any) -> Graph:
    x = np.arange(n * width, dtype=np.float32).reshape(n, width)
    return Graph(np.array(edges), x if width else None, n, **more)


def test_an_example_holds_features_and_adjacency_and_nan_behind_its_nodes() -> None:
    data = as_graphs([of(PATH, 3, label=1), of([], 2, label=0)], "two")
    assert data.schema.kind == "graphs"
    assert data.array.shape == (2, 3, 5)
    first, second = data.array
    np.testing.assert_array_equal(np.sort(first[:, 2:].sum(axis=1)), [1, 1, 2])
    assert sorted(first[:, 0]) == [0, 2, 4]
    assert np.isnan(second[2]).all()
    np.testing.assert_array_equal(second[:2, 2:], 0)
    assert data.labels is not None
    assert data.labels.tolist() == [1, 0]
    assert data.notes == (
        "2 graphs of 2 to 3 nodes and 2 edges without direction or weight; 2 nodes have no edge, 0 self-loops "
        "were left out, and 0 mentions of an edge repeat another one.",
    )


def test_graphs_may_lack_features() -> None:
    data = as_graphs([Graph(TRIANGLE), of([], 1, 0)], "plain")
    assert data.array.shape == (2, 3, 3)
    assert data.array[1, 0, 0] == 0
    assert np.isnan(data.array[1, 1:]).all()


def test_loops_and_repeated_edges_are_counted() -> None:
    data = as_graphs([of([[0, 0], [0, 1], [1, 0]], 2), of(PATH, 3)], "loops")
    assert data.counts == {"graphs": 2, "nodes": 5, "edges": 3, "isolated": 0, "loops": 1, "repeated": 1}
    assert "1 self-loops were left out, and 1 mentions" in data.notes[-1]


def test_names_are_ids_if_they_differ() -> None:
    assert as_graphs([of(PATH, 3, name="a"), of(PATH, 3, name="b")], "n").ids == ("a", "b")
    assert as_graphs([of(PATH, 3), of(PATH, 3)], "n").ids == ()


def test_new_graphs_have_the_size_that_a_model_was_fitted_to() -> None:
    schema = as_graphs([of(TRIANGLE, 4), of(PATH, 3)], "fitted").schema
    assert as_graphs([of(PATH, 3)], "new", like=schema).array.shape == (1, 4, 6)
    with pytest.raises(InputError, match="Graph 0 of new has 5 nodes, but the model was fitted to graphs of"):
        as_graphs([of(PATH, 5)], "new", like=schema)
    with pytest.raises(InputError, match="have 3 features, but the model was fitted to nodes with 2"):
        as_graphs([of(PATH, 3, 3)], "new", like=schema)


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (of(PATH, 3, 3), "The nodes of graph 1 of bad have 3 features, but those of graph 0 have 2"),
        (Graph(PATH), "The nodes of graph 1 of bad have 0 features, but those of graph 0 have 2"),
        (Graph(np.empty((0, 2)), nodes=0), "Graph 1 of bad has no nodes; leave it out"),
        (of([[0, 5]], 3), "An edge of Graph 1 of bad joins node 5, but the nodes are numbered from 0 to 2"),
        (Graph(PATH, np.ones((3, 2)), 4), "Graph 1 of bad has 4 nodes, but 3 rows of features"),
        (Graph(PATH, np.full((3, 2), np.nan)), "The features of Graph 1 of bad"),
    ],
)
def test_graphs_that_do_not_go_together_are_refused(graph: Graph, message: str) -> None:
    with pytest.raises(InputError, match=message):
        as_graphs([of(PATH, 3), graph], "bad")


def test_graphs_too_large_for_all_pairs_of_nodes_are_refused() -> None:
    with pytest.raises(InputError, match="have up to 1,000,000 nodes, and arrays of all their pairs need"):
        as_graphs([of(PATH, 3, 0), Graph(PATH, nodes=10**6)], "large")
