"""Graphs that a model made have the numbers of those that came."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.graphs.graph import Graph
from narrows.data.graphs.many import as_graphs
from narrows.data.graphs.numbering import Numbering, as_arrays, found_graph, write_graphs
from narrows.data.readers import read
from narrows.data.reading import Reading

EDGES = np.array([[0, 1], [1, 2], [2, 3], [0, 4]])
X = np.arange(10, dtype=np.float32).reshape(5, 2)


def test_a_graph_comes_back_in_the_order_in_which_it_came() -> None:
    data = as_graphs([Graph(EDGES, X), Graph(EDGES[:1], X[:2])], "two")
    for example, numbering, edges, x in zip(
        data.array, data.numberings, (EDGES, EDGES[:1]), (X, X[:2]), strict=True
    ):
        found = found_graph(example, 2, numbering.order)
        np.testing.assert_array_equal(found.features, x)
        assert {tuple(pair) for pair in found.edges} == {tuple(pair) for pair in edges}
        np.testing.assert_array_equal(found.numbers, np.arange(len(x)))


def test_missing_nodes_are_left_out_and_new_ones_come_last() -> None:
    example = np.full((4, 5), np.nan)
    example[:2, 0], example[:2, 1:] = [7, 8], 0
    fewer = found_graph(example, 1, np.array([2, 0, 1]))
    assert fewer.numbers.tolist() == [0, 2]
    assert fewer.features.ravel().tolist() == [8, 7]
    example[:4, 0], example[:4, 1:] = [7, 8, 9, 6], 0
    more = found_graph(example, 1, np.array([1, 0]))
    assert more.features.ravel().tolist() == [8, 7, 9, 6]
    assert as_arrays(more, Numbering(np.array([1, 0]), ("a", "b")))["ids"].tolist() == [
        *("a", "b"),
        *("new 0", "new 1"),
    ]


def test_written_graphs_are_read_as_they_came(tmp_path: Path) -> None:
    graphs = [Graph(EDGES, X, name="ring"), Graph(np.empty((0, 2)), X[:1], name="alone")]
    data = as_graphs(graphs, "two")
    write_graphs(data.array, 2, tmp_path / "graphs.npz", data.numberings, data.ids)
    again = read(tmp_path / "graphs.npz", Reading("graphs"))
    np.testing.assert_array_equal(again.array, data.array)
    assert [each.name(0) for each in again.numberings] == ["0", "0"]


@pytest.mark.parametrize("features", [0, 2])
def test_graphs_of_no_numbering_are_written_in_their_order(features: int, tmp_path: Path) -> None:
    graphs = [Graph(EDGES, X if features else None, 5), Graph(EDGES[:2], X[:3] if features else None, 3)]
    data = as_graphs(graphs, "two")
    write_graphs(data.array, features, tmp_path / "g.npz")
    with np.load(tmp_path / "g.npz") as archive:
        assert archive["sizes"].tolist() == [5, 3]
        assert archive["edges"].shape == (6, 2)
        assert ("x" in archive) == bool(features)
        assert "ids" not in archive
