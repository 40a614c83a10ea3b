from __future__ import annotations

import numpy as np

from narrows.data.graphs.edges import Edges
from narrows.tasks.anomalies.node_reasons import WHY, Difference, Reasons, improbable
from narrows.tasks.anomalies.node_views import Linked
from tests.tasks.anomalies.graphs import no_odds

STAR = Edges(np.array([[0, 1], [0, 2], [0, 3], [0, 4], [3, 4]]), 6)


def linked(names: tuple[str, ...] = ()) -> Linked:
    rows = np.zeros((6, 5))
    rows[[0, 1, 2, 3, 4, 5], [0, 1, 1, 1, 2, 3]] = 1.0
    found = Linked(STAR, [rows], no_odds, names)
    found.__dict__["edge_ratios"] = np.array([1.0, 3.0, -1.0, 2.0, 0.5])
    return found


def test_improbable_edges_are_named_the_most_improbable_first() -> None:
    assert improbable(linked()).tolist() == [
        [2, 4, 1], [0, -1, -1], [0, -1, -1], [4, -1, -1], [0, 3, -1], [-1, -1, -1]
    ]  # fmt: skip


def test_features_that_differ_from_the_mean_of_neighbours_are_named() -> None:
    surprises = {"edges": np.array([2.0, 0, 0, 0, 0, 0]), "features": np.array([1.0, 1, 1, 1, 1, 1])}
    found = Reasons.of(linked(("a", "b", "c", "d", "e")), surprises)
    assert found.differences(0) == [Difference("a", 1.0), Difference("b", -0.75), Difference("c", -0.25)]
    assert found.differences(5) == []
    table = found.columns([*"uvwxyz"])
    assert table["why"].tolist() == [WHY["edges"], *[WHY["features"]] * 5]
    assert table["neighbour1"].tolist() == ["w", "u", "u", "y", "u", ""]
    assert table["feature1"].tolist()[0] == "a"
    assert Reasons.of(linked(), surprises).differences(0)[0].feature == "0"
