"""The likelihood of labels and the cross-entropy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.reproduce.lab import Lab
from narrows.reproduce.likelihood import gradient_difference, likelihood, true_probabilities
from narrows.tasks.classification.softmax import SoftmaxModel
from tests.reproduce.findings import check_complete


def test_the_likelihood_is_the_product() -> None:
    torch.manual_seed(0)
    model = SoftmaxModel(3, 2)
    x, y = np.random.default_rng(0).random((6, 3)).astype(np.float32), np.array([0, 1, 1, 0, 1, 0])
    p = true_probabilities(model, x, y)
    assert -np.log(np.prod(p)) == pytest.approx(float(model.cost(x, y).sum()), rel=1e-5)
    assert gradient_difference(model, x, y) < 1e-5


def test_the_product_of_all_vanishes(full_lab: Lab) -> None:
    found = likelihood(full_lab)
    check_complete(found)
    assert found.measured["likelihood_of_all"] == 0
    assert 100 < found.measured["examples_until_it_is_0"] < 10_000
