from __future__ import annotations

import numpy as np
import pytest

from narrows.runs import shown_nodes
from narrows.runs.shown_nodes import ShownNodes


def test_the_largest_features_of_each_node_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_nodes, "MOST_FEATURES", 2)
    monkeypatch.setattr(shown_nodes, "BLOCK", 4)
    values = np.array([[5, 6, 7, 8], [0, 1, 0, 0], [0, 0, 0, 0], [1, 2, 3, 4.0]])
    scaled = np.array([[0.5, -3, 1, 2], [0, 2, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1.0]])
    found = ShownNodes.draw(values, scaled)
    assert found.rows.tolist() == [0, 1, 2, 3]
    assert found.present.tolist() == [4, 1, 0, 4]
    assert found.kept.tolist() == [2, 1, 0, 2]
    assert found.features.tolist() == [1, 3, 1, 0, 1]
    assert found.values.tolist() == [6, 8, 1, 1, 2]


def test_nodes_without_features_have_none() -> None:
    found = ShownNodes.draw(np.empty((3, 0)), np.empty((3, 0)))
    assert (found.present.tolist(), found.kept.tolist(), len(found.values)) == ([0, 0, 0], [0, 0, 0], 0)


def test_of_many_nodes_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_nodes, "MOST_NODES", 50)
    values = np.arange(200.0)[:, None]
    found = ShownNodes.draw(values, values + 1)
    assert len(found.rows) == 50
    assert found.rows.tolist() == sorted(set(found.rows.tolist())) == found.values.astype(int).tolist()
