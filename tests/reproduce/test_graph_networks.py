from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.graph_networks import ORDERS, Links, made, shuffled


def test_shuffled_edges_keep_nodes_their_features_and_about_their_degrees() -> None:
    data = made(240)
    mixed = shuffled(data)
    np.testing.assert_array_equal(mixed.array, data.array)
    assert data.edges is not None
    assert mixed.edges is not None
    degrees = [np.bincount(each.edges.pairs.ravel(), minlength=240) for each in (data, mixed)]
    assert np.corrcoef(*degrees)[0, 1] > 0.9
    common = set(map(tuple, data.edges.pairs.tolist())) & set(map(tuple, mixed.edges.pairs.tolist()))
    assert len(common) < 0.15 * len(data.edges.pairs)


def test_joined_nodes_of_the_made_graph_are_of_one_community() -> None:
    data = made(240)
    assert data.edges is not None
    assert data.labels is not None
    i, j = data.edges.pairs.T
    assert 0.8 < np.mean(data.labels[i] == data.labels[j]) < 0.95


def test_a_graph_network_is_judged_by_what_shuffled_edges_take_from_it() -> None:
    auc = {
        ("true", "MLP"): [0.6, 0.7],
        ("true", "graph network"): [0.9, 0.9],
        ("shuffled", "MLP"): [0.5, 0.5],
        ("shuffled", "graph network"): [0.5, 0.6],
    }
    links = Links("a graph", auc)
    better, more = links.checks()
    assert np.allclose(better.measured.values, [0.3, 0.2])
    assert np.allclose(more.measured.values, [0.3, 0.1])
    assert better.measured.low < better.measured.value  # an interval over seeds
    assert links.medians["AUC, MLP, true edges"] == pytest.approx(0.65)
    assert {order for order, _ in auc} == set(ORDERS)
