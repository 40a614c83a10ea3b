"""Places of nodes in the plane."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from narrows.report.kinds.layouts import layout


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_nodes_without_edges_have_places_of_their_own(n: int) -> None:
    places = layout(np.zeros((n, n)))
    assert places.shape == (n, 2)
    assert len(np.unique(places.round(3), axis=0)) == n
    assert ((places >= -1e-9) & (places <= 1 + 1e-9)).all()


def test_a_path_is_straight_and_a_ring_is_round() -> None:
    path = layout(nx.to_numpy_array(nx.path_graph(12)))
    assert np.ptp(path[:, 1]) < 0.1 * np.ptp(path[:, 0])
    ring = layout(nx.to_numpy_array(nx.cycle_graph(12)))
    distance = np.linalg.norm(ring - ring.mean(axis=0), axis=1)
    assert distance.std() < 0.05 * distance.mean()


def test_the_same_graph_has_the_same_places() -> None:
    near = nx.to_numpy_array(nx.gnp_random_graph(20, 0.1, seed=0))
    np.testing.assert_array_equal(layout(near), layout(near))
