from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.edges import Edges, draw_apart


def test_edges_are_counted_once_without_direction_and_loops() -> None:
    edges = Edges.of(np.array([[1, 0], [0, 1], [2, 2], [3, 1], [0, 1]]), 6, "g")
    assert edges.pairs.tolist() == [[0, 1], [1, 3]]
    assert edges.to_json() == {"nodes": 6, "edges": 2, "isolated": 3, "loops": 1, "repeated": 2}
    assert "6 nodes and 2 edges without direction or weight; 3 nodes have no edge" in edges.note


def test_edges_may_come_as_two_rows_and_as_whole_floats() -> None:
    assert Edges.of(np.array([[0.0, 1, 2], [1, 2, 0]]), None, "g").pairs.tolist() == [[0, 1], [0, 2], [1, 2]]


@pytest.mark.parametrize(
    ("pairs", "n", "message"),
    [
        ([[0, -1]], None, "joins node -1; number the nodes from 0"),
        ([[0, 1.5], [1, 2]], None, "are not pairs of whole numbers"),
        ([["a", "b"]], None, "are not pairs of whole numbers"),
        ([[0, 7]], 5, "joins node 7, but the nodes are numbered from 0 to 4"),
        ([[0, 1, 2]], None, "have shape 1x3; wanted is a pair"),
        ([[3, 3], [1, 1]], 5, "all 5 nodes are alone"),
        (np.empty((0, 2)), 5, "g has no edges between different nodes"),
    ],
)
def test_other_edges_are_refused(pairs: object, n: int | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Edges.of(np.array(pairs), n, "g")


@pytest.mark.parametrize("n", [6, 200])
def test_pairs_that_no_edge_joins_are_drawn(n: int) -> None:
    edges = Edges.of(np.array([[i, i + 1] for i in range(5)]), n, "g")
    drawn = draw_apart(edges, 8, (3, 1))
    keys = {tuple(pair) for pair in drawn.tolist()}
    assert len(keys) == len(drawn) == 8
    assert all(a < b for a, b in keys)
    assert not keys & {tuple(pair) for pair in edges.pairs.tolist()}
    np.testing.assert_array_equal(drawn, draw_apart(edges, 8, (3, 1)))
