"""The order of a graph's nodes does not depend on how they were numbered."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from narrows.data.graphs.order import canonical_order

FAMILIES: dict[str, Any] = {
    "one node": nx.empty_graph(1),
    "no edges": nx.empty_graph(5),
    "two nodes": nx.path_graph(2),
    "ring": nx.cycle_graph(17),
    "tree": nx.random_labeled_tree(40, seed=0),
    "grid": nx.grid_2d_graph(5, 6),
    "random": nx.gnp_random_graph(40, 0.08, seed=0),
    "complete": nx.complete_graph(12),
    "star": nx.star_graph(20),
    "Petersen": nx.petersen_graph(),
    "cubic": nx.random_regular_graph(3, 30, seed=0),
    "bipartite": nx.complete_bipartite_graph(4, 6),
    "two rings": nx.disjoint_union(nx.cycle_graph(5), nx.cycle_graph(7)),
    "hypercube": nx.hypercube_graph(4),
    "triangles": nx.disjoint_union_all([nx.cycle_graph(3)] * 6),
    "line graph": nx.line_graph(nx.complete_graph(7)),
}


def ordered(edges: Any, features: Any) -> tuple[Any, Any]:
    """The adjacency and the features in canonical order."""
    order = canonical_order(edges, features)
    near = np.zeros((len(features), len(features)))
    near[edges[:, 0], edges[:, 1]] = near[edges[:, 1], edges[:, 0]] = 1
    return near[np.ix_(order, order)], features[order]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("features", [0, 1])
def test_renumbering_changes_nothing(family: str, features: int) -> None:
    graph = nx.convert_node_labels_to_integers(FAMILIES[family])
    edges, n = np.array(graph.edges, dtype=np.int64).reshape(-1, 2), len(graph)
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, (n, features)).astype(float)
    expected = ordered(edges, x)
    for _ in range(10):
        number = rng.permutation(n)
        found = ordered(number[edges], x[np.argsort(number)])
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


def test_an_order_has_each_node_once() -> None:
    edges = np.array(nx.gnp_random_graph(30, 0.1, seed=3).edges)
    assert sorted(canonical_order(edges, np.zeros((30, 0)))) == list(range(30))


def test_neighbours_are_near_each_other() -> None:
    ring = np.array(nx.cycle_graph(30).edges)
    place = np.argsort(canonical_order(ring, np.zeros((30, 0))))
    assert sorted(np.abs(np.diff(place[ring], axis=1)).ravel()) == [1] * 29 + [29]


def test_larger_components_come_first() -> None:
    edges = np.array([[0, 1], [2, 3], [3, 4]])
    assert set(canonical_order(edges, np.zeros((6, 0)))[:3]) == {2, 3, 4}
