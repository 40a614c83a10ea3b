from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from narrows.data.graphs.edges import Edges
from narrows.evaluation.errors import Floats
from narrows.evaluation.link_prediction import unit_length
from narrows.tasks.anomalies.node_views import Linked, by_density, by_edges, by_features, triangles
from tests.tasks.anomalies.graphs import Planted, no_odds, planted


def linked(found: Planted) -> Linked:
    """The graph, where nodes are alike by their words alone."""
    assert found.data.edges is not None
    return Linked(found.data.edges, [unit_length(found.data.array.astype(np.float64))], no_odds)


def auroc(view: Floats, odd: NDArray[np.intp], other: NDArray[np.intp]) -> float:
    """How well a view tells the nodes `odd` from all but the nodes `other`."""
    truth = np.isin(np.arange(len(view)), odd)
    judged = ~np.isin(np.arange(len(view)), other)
    return float(roc_auc_score(truth[judged], view[judged]))


def test_each_view_finds_what_it_is_for() -> None:
    found = planted(400)
    graph = linked(found)
    features = by_features(graph)
    assert features is not None
    assert auroc(by_edges(graph), found.strangers, found.clique) > 0.95
    assert auroc(features, found.strangers, found.clique) > 0.95
    assert auroc(by_density(graph), found.clique, found.strangers) > 0.95


def test_edges_between_communities_have_the_higher_ratios() -> None:
    found = planted(400)
    ends = found.data.edges.pairs % 4  # type: ignore[union-attr]
    apart = ends[:, 0] != ends[:, 1]
    assert roc_auc_score(apart, linked(found).edge_ratios) > 0.85


def test_triangles_are_counted() -> None:
    pairs = np.array([[0, 1], [0, 2], [0, 3], [1, 2], [2, 3], [3, 4]])
    graph = Linked(Edges(pairs, 6), (), no_odds)
    assert triangles(graph).tolist() == [2, 1, 2, 1, 0, 0]
    assert graph.degrees.tolist() == [3, 2, 3, 3, 1, 0]


def test_nothing_is_dense_in_a_graph_without_triangles() -> None:
    star = np.stack([np.zeros(9, dtype=np.int64), np.arange(1, 10)], axis=1)
    np.testing.assert_allclose(by_density(Linked(Edges(star, 10), (), no_odds)), 0, atol=1e-12)


def test_many_improbable_edges_are_more_unusual_than_one() -> None:
    """Of nodes with the same mean, the one with more edges is further from what is usual."""
    rng = np.random.default_rng(0)
    pairs = np.array([(i, j) for i in range(60) for j in range(i + 1, 60) if rng.random() < 0.1 or i == 0])
    graph = Linked(Edges(pairs, 62), (), no_odds)
    graph = replace(graph, edges=Edges(np.vstack([pairs, [[60, 61]]]), 62))
    ratios = rng.normal(0, 1, len(graph.edges.pairs))
    ratios[(graph.edges.pairs == 0).any(axis=1) | (graph.edges.pairs == 60).any(axis=1)] = 2.0
    graph.__dict__["edge_ratios"] = ratios
    found = by_edges(graph)
    assert found[0] == found.max()
    assert found[0] > found[60] > np.median(found)


def test_nodes_without_edges_are_as_the_most_usual_ones() -> None:
    found = planted(200)
    edges = found.data.edges
    assert edges is not None
    graph = replace(linked(found), edges=Edges(edges.pairs[(edges.pairs != 5).all(axis=1)], edges.n))
    for view in (by_edges(graph), by_features(graph), by_density(graph)):
        assert view is not None
        assert view[5] == view.min()


@pytest.mark.parametrize("features", [True, False])
def test_only_nodes_with_features_are_compared_by_them(features: bool) -> None:
    graph = linked(planted(120)) if features else Linked(Edges(np.array([[0, 1]]), 3), (), no_odds)
    assert (by_features(graph) is not None) == features
