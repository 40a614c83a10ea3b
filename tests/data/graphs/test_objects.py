from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import networkx
import numpy as np
import pandas
import polars
import pytest
import torch
from scipy import sparse

from narrows.core.errors import InputError
from narrows.data.graphs.objects import graphs_of, is_several, several_in
from tests.samples import communities

GRAPH = communities(30)
EDGES, X, LABELS = (GRAPH[name] for name in ("edges", "x", "labels"))


def adjacency() -> sparse.coo_matrix:
    half = sparse.coo_matrix((np.ones(len(EDGES)), EDGES.T), shape=(30, 30))
    return half + half.T


def frames() -> tuple[pandas.DataFrame, pandas.DataFrame]:
    nodes = pandas.DataFrame(X, columns=[f"w{j}" for j in range(X.shape[1])])
    return pandas.DataFrame(EDGES, columns=["source", "target"]), nodes.assign(id=np.arange(30))


@pytest.mark.parametrize(
    "given",
    [
        (adjacency(), X),
        (adjacency().tocsr(), sparse.csr_matrix(X)),
        (adjacency().toarray(), X),
        (torch.as_tensor(adjacency().toarray()), torch.as_tensor(X).requires_grad_()),
        (adjacency(), frames()[1].drop(columns="id")),
        {"edges": EDGES, "x": X},
        SimpleNamespace(edge_index=np.concatenate([EDGES, EDGES[:, ::-1]]).T, x=X, num_nodes=30),
        frames(),
        tuple(map(polars.from_pandas, frames())),
        (frames()[0].assign(weight=2.0), frames()[1].set_index("id")),
    ],
    ids=["coo", "csr", "array", "tensor", "beside", "dict", "edge_index", "pandas", "polars", "index"],
)
def test_objects_of_several_libraries_are_the_same_graph(given: Any) -> None:
    data = graphs_of(given, LABELS)
    np.testing.assert_array_equal(data.source.context["edges"], EDGES)
    np.testing.assert_array_equal(data.array, X)
    np.testing.assert_array_equal(data.labels, LABELS)


def test_nodes_of_a_frame_keep_their_names() -> None:
    edges = pandas.DataFrame({"from": ["b", "a"], "to": ["a", "c"]})
    nodes = pandas.DataFrame({"hue": ["red", "blue", "red"]}, index=["c", "b", "a"])
    data = graphs_of((edges, nodes))
    assert data.ids == ("c", "b", "a")
    assert data.schema.feature_names == ("hue: blue", "hue: red")
    assert graphs_of(edges).ids == ("b", "a", "c")
    with pytest.warns(UserWarning, match=r"count as the mean, or the most frequent word, .* hue \(1\)"):
        again = graphs_of((edges, nodes.assign(hue=["blue", None, "blue"])), like=data.schema)
    np.testing.assert_array_equal(again.array, [[1, 0], [0, 1], [1, 0]])
    with pytest.raises(InputError, match="fitted to nodes with features, as hue: blue, hue: red"):
        graphs_of(edges, like=data.schema)


def test_words_beside_a_matrix_are_features() -> None:
    nodes = pandas.DataFrame({"hue": ["red", "blue", "red"] * 10}, index=[f"n{i}" for i in range(30)])
    data = graphs_of((adjacency(), nodes))
    assert data.schema.feature_names == ("hue: blue", "hue: red")
    again = graphs_of((adjacency(), nodes.replace("red", "blue")), like=data.schema)
    np.testing.assert_array_equal(again.array, [[1, 0]] * 30)


def test_one_graph_may_be_asked_for() -> None:
    with pytest.raises(InputError, match="the list holds 2 graphs, but wanted is one"):
        graphs_of([networkx.cycle_graph(4)] * 2, kind="nodes")


def test_lists_and_data_sets_are_several_graphs() -> None:
    ring = networkx.cycle_graph(4)
    one = SimpleNamespace(edge_index=np.array([[0], [1]]), num_nodes=2, y=np.array([1]))
    for several in ([ring], (ring, ring), [adjacency()], [{"edges": EDGES}] * 2, [one], [(adjacency(), X)]):
        assert is_several(several)
    for single in (
        ring,
        adjacency(),
        {"edges": EDGES},
        one,
        (adjacency(), X),
        frames(),
        adjacency().toarray(),
    ):
        assert not is_several(single)
    found = several_in([one, one], None).graphs
    assert [graph.label for graph in found] == [1, 1]
    assert found[0].labels is None


def test_what_is_not_used_is_said() -> None:
    edges = np.array([[0, 1], [1, 2]])
    data = SimpleNamespace(edge_index=edges.T, num_nodes=3, edge_attr=np.ones((2, 4)), x=None)
    assert "edge_attr of the edges is not used." in graphs_of(data).notes
    directed = sparse.coo_matrix(([1.0, 2.0], ([0, 2], [1, 1])), shape=(3, 3))
    assert [note.split(",")[0] for note in graphs_of(directed).notes[:2]] == [
        "The edges have directions",
        "The edges have weights",
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: graphs_of(adjacency().tocsr()[:20]), "The adjacency of graph has shape 20x30"),
        (lambda: graphs_of(X), "The adjacency of graph has shape 30x40"),
        (lambda: graphs_of(np.full((3, 3), 0.5)), "is 3x3 but not an adjacency of 0 and 1"),
        (lambda: graphs_of({"x": X}), "these are x"),
        (lambda: graphs_of((adjacency(), X[:20])), "graph has 30 nodes, but 20 rows of features"),
        (lambda: graphs_of("edges.csv"), "A graph is a scipy sparse adjacency.*got str"),
        (lambda: graphs_of((1, 2)), "got a pair of int and int"),
        (lambda: graphs_of([frames()]), "The list has data frames"),
        (
            lambda: graphs_of((frames()[0], X)),
            "Beside a data frame of edges wanted is one of nodes, but got ndarray",
        ),
        (lambda: graphs_of(adjacency(), LABELS[:3]), "has 30 nodes but 3 labels"),
    ],
)
def test_what_is_no_graph_is_refused(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
