from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.data.graphs import propagation as module
from narrows.data.graphs.propagation import HIDDEN, hiding, normalised_adjacency, propagation

RING = np.array([[i, (i + 1) % 50] if i < 49 else [0, 49] for i in range(50)])


def test_the_adjacency_is_normalised_by_neighbours_and_self() -> None:
    s = normalised_adjacency(np.array([[0, 1], [1, 2]]), 4).toarray()
    near = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]])
    d = near.sum(axis=1)
    np.testing.assert_allclose(s, near / np.sqrt(np.outer(d, d)))
    np.testing.assert_allclose(propagation(np.array([[0, 1], [1, 2]]), 4, torch.float64).to_dense(), s)


def test_a_node_without_edges_keeps_its_features() -> None:
    none = np.empty((0, 2), dtype=np.int64)
    np.testing.assert_array_equal(propagation(none, 3, torch.float32).to_dense(), np.eye(3))


def test_hidden_edges_pass_no_messages_and_are_predicted() -> None:
    torch.manual_seed(0)
    hide = hiding(RING, 50, torch.float32)
    shares = []
    for _ in range(40):
        context = hide()
        s, positive = context["propagation"].to_dense(), context["positive"]
        assert not s[positive[:, 0], positive[:, 1]].any()
        assert int((s != 0).sum()) == 50 + 2 * (50 - len(positive))
        shares.append(len(positive) / 50)
    assert abs(np.mean(shares) - HIDDEN) < 0.05
    assert len({float(share) for share in shares}) > 1


def test_of_many_hidden_edges_some_are_predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PREDICTED", 2)
    torch.manual_seed(0)
    hide = hiding(RING, 50, torch.float32)
    found = [hide() for _ in range(20)]
    assert {len(each["positive"]) for each in found} <= {1, 2}
    for each in found:
        s = each["propagation"].to_dense()
        assert not s[each["positive"][:, 0], each["positive"][:, 1]].any()
    assert min(int((each["propagation"].to_dense() != 0).sum()) for each in found) < 50 + 2 * 45
    assert len({tuple(pair) for each in found for pair in each["positive"].tolist()}) > 15
