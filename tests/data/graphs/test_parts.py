from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.edges import Edges
from narrows.data.graphs.parts import joined_by, split_edges
from narrows.data.sources.nodes import Nodes
from narrows.data.split import MOST


def test_parts_are_five_and_ten_percent_of_the_edges() -> None:
    parts = split_edges(1000, seed=3)
    assert parts.held_out is not None
    assert [len(each) for each in (parts.train, parts.validation, parts.held_out)] == [850, 50, 100]
    together = np.concatenate([parts.train, parts.validation, parts.held_out])
    np.testing.assert_array_equal(np.sort(together), np.arange(1000))


def test_large_graphs_hold_out_so_many_edges() -> None:
    parts = split_edges(10**6, seed=0)
    assert parts.held_out is not None
    assert len(parts.held_out) == len(parts.validation) == MOST


def test_too_few_edges_are_refused() -> None:
    with pytest.raises(InputError, match="Too few edges: 2"):
        split_edges(2, seed=0)


def test_a_part_knows_the_training_edges_only() -> None:
    edges = Edges.of(np.array([[0, 1], [1, 2], [2, 3], [3, 4]]), 6, "g")
    nodes = joined_by(Nodes(np.ones((6, 1)), {}), edges, np.array([0, 1]), np.array([2]), 0)
    assert nodes.context["edges"].tolist() == [[0, 1], [1, 2]]
    assert nodes.context["positive"].tolist() == [[2, 3]]
    assert len(nodes.context["negative"]) == 1


def test_a_complete_graph_is_refused() -> None:
    edges = Edges.of(np.argwhere(np.triu(np.ones((5, 5)), 1)), 5, "g")
    with pytest.raises(InputError, match="Every node is joined to every other one"):
        joined_by(Nodes(np.ones((5, 1)), {}), edges, np.arange(8), np.arange(8, 10), 0)
