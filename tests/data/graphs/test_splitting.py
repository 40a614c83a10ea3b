from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from narrows.core.errors import InputError
from narrows.data.graphs.node_features import Features
from narrows.data.graphs.splitting import taken_apart

MEMBERS = np.array([1, 0, 1, 0, 1])
EDGES = np.array([[4, 0], [3, 1], [2, 4]])


def test_nodes_and_edges_go_to_their_graph_in_order() -> None:
    for x in (np.arange(5.0)[:, None], sparse.csr_matrix(np.arange(5.0)[:, None])):
        labels = np.array(["p", "q", "r"])
        one, two, none = taken_apart(
            EDGES,
            MEMBERS,
            "set",
            features=Features(x),
            nodes=list("abcde"),
            graphs=["1", "2", "3"],
            labels=labels,
        )
        assert (one.edges.tolist(), two.edges.tolist()) == ([[1, 0]], [[2, 0], [1, 2]])
        assert (one.ids, two.ids, none.ids) == (("b", "d"), ("a", "c", "e"), ())
        assert (one.name, one.label, none.nodes) == ("1", "p", 0)
        rows = two.features.toarray() if sparse.issparse(two.features) else two.features
        np.testing.assert_array_equal(rows, [[0], [2], [4]])


def test_edges_between_graphs_and_of_other_nodes_are_refused() -> None:
    with pytest.raises(
        InputError, match="joins node 1 of graph 2 and node 2 of graph 1; wanted are edges inside"
    ):
        taken_apart([[0, 1]], MEMBERS, "set", first=1)  # type: ignore[arg-type]
    with pytest.raises(
        InputError, match="An edge of set joins node 5, but 5 nodes have a graph; number them from 0"
    ):
        taken_apart([[0, 5]], MEMBERS, "set")  # type: ignore[arg-type]
