from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.data.graphs.propagation import propagation
from narrows.model.messages import CHUNK, log_degrees, passed, passed_thin, thinned, walked, walked_rows
from tests.samples import communities

EDGES = communities(40)["edges"]
S = propagation(EDGES, 40, torch.float64)


def test_messages_pass_with_a_gradient() -> None:
    h = torch.rand(40, 3, dtype=torch.float64, requires_grad=True)
    assert torch.allclose(passed(S, h, 2), S.to_dense() @ S.to_dense() @ h)
    assert torch.autograd.gradcheck(lambda each: passed(S, each, 2), h)


def test_messages_of_sparse_features_are_those_of_dense_ones() -> None:
    h = torch.zeros(40, 30, dtype=torch.float64)
    h[torch.randint(40, (50,)), torch.randint(30, (50,))] = torch.rand(50, dtype=torch.float64)
    thin = thinned(h)
    assert not isinstance(thin, torch.Tensor)
    assert torch.allclose(passed_thin(S, thin, 2), passed(S, h, 2))
    dense, wanted = h + 1, h.clone().requires_grad_()
    assert thinned(dense) is dense
    assert thinned(wanted) is wanted


@pytest.mark.parametrize("steps", [2, 3, 4, 5, 6])
def test_walks_are_entries_of_a_power(steps: int) -> None:
    power = torch.linalg.matrix_power(S.to_dense(), steps)
    pairs = torch.randint(40, (CHUNK + 5, 2))
    assert torch.allclose(walked(S, pairs, steps), power[pairs[:, 0], pairs[:, 1]])
    rows = torch.tensor([3, 9])
    i, j, values = walked_rows(S, rows, steps)
    whole = torch.zeros(2, 40, dtype=torch.float64)
    whole[i, j] = values
    assert torch.allclose(whole, power[rows])


def test_degrees_are_those_of_the_edges() -> None:
    d = np.bincount(EDGES.ravel(), minlength=40)
    np.testing.assert_allclose(log_degrees(S), np.log(d + 1))
