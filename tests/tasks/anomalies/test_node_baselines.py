from __future__ import annotations

import numpy as np

from narrows.data.graphs.edges import Edges
from narrows.evaluation.link_prediction import unit_length
from narrows.tasks.anomalies.node_baselines import BASELINES, residual, unlike_neighbours
from narrows.tasks.anomalies.node_views import Linked
from tests.tasks.anomalies.graphs import no_odds

PATH = Edges(np.array([[0, 1], [1, 2], [2, 3]]), 4)


def test_features_in_the_span_of_the_smoothed_ones_leave_no_residual() -> None:
    rows = unit_length(np.random.default_rng(0).normal(size=(4, 3)))
    found = residual(Linked(PATH, [rows], no_odds))
    np.testing.assert_allclose(found, 0, atol=1e-12)


def test_a_node_is_unlike_neighbours_by_the_angle_to_their_mean() -> None:
    rows = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    found = unlike_neighbours(Linked(PATH, [rows], no_odds))
    np.testing.assert_allclose(found, [0, 1 - 0.5**0.5, 1 - 0.5**0.5, 0], atol=1e-12)


def test_nodes_without_features_have_a_degree_alone() -> None:
    found = {name: of(Linked(PATH, (), no_odds)) for name, of in BASELINES.items()}
    assert [name for name, scores in found.items() if scores is not None] == ["degree"]
