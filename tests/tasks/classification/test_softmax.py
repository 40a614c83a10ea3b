"""The mathematics of softmax regression, against torch's and on data that can be told apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.tasks.classification.softmax import (
    SoftmaxModel,
    binary_cross_entropy,
    cross_entropy,
    cross_entropy_by_index,
    cross_entropy_by_product,
    log_softmax,
    naive_softmax,
    one_hot,
    softmax,
)


def some(n: int = 40, classes: int = 5, size: float = 3.0) -> tuple[Tensor, Tensor]:
    """Logits and the numbers of classes."""
    torch.manual_seed(0)
    return size * torch.randn(n, classes), torch.randint(classes, (n,))


def blobs(classes: int = 3, n: int = 300) -> tuple[Tensor, Tensor]:
    """Points around the corners of a polygon, far apart."""
    torch.manual_seed(0)
    y = torch.arange(n) % classes
    angle = 2 * math.pi * y / classes
    return 3 * torch.stack([angle.cos(), angle.sin()], 1) + 0.3 * torch.randn(n, 2), y


@pytest.mark.parametrize("form", [naive_softmax, softmax])
def test_softmax_is_torchs_keeps_the_order_and_sums_to_one(form: Any) -> None:
    logits, _ = some()
    p = form(logits)
    torch.testing.assert_close(p, functional.softmax(logits, 1))
    torch.testing.assert_close(p.sum(1), torch.ones(len(p)))
    assert (p > 0).all()
    assert torch.equal(p.argsort(1), logits.argsort(1))


def test_every_form_of_the_cross_entropy_is_torchs() -> None:
    logits, y = some()
    wanted = functional.cross_entropy(logits, y, reduction="none")
    rows = one_hot(y, 5)
    torch.testing.assert_close(cross_entropy(logits, y), wanted)
    torch.testing.assert_close(cross_entropy(logits, rows), wanted)
    torch.testing.assert_close(cross_entropy_by_index(softmax(logits), y), wanted)
    torch.testing.assert_close(cross_entropy_by_product(softmax(logits), rows), wanted)
    assert torch.equal(rows, functional.one_hot(y, 5).float())


def test_the_cross_entropy_of_soft_targets_is_torchs() -> None:
    logits, _ = some()
    soft = softmax(torch.randn(40, 5))
    wanted = functional.cross_entropy(logits, soft, reduction="none")
    torch.testing.assert_close(cross_entropy(logits, soft), wanted)


def test_the_gradient_is_the_probability_minus_the_target() -> None:
    logits, y = some()
    logits.requires_grad_()
    cross_entropy(logits, y).sum().backward()
    torch.testing.assert_close(logits.grad, softmax(logits.detach()) - one_hot(y, 5))
    logits.grad = None
    binary_cross_entropy(logits, one_hot(y, 5)).sum().backward()
    torch.testing.assert_close(logits.grad, torch.sigmoid(logits.detach()) - one_hot(y, 5))


def test_the_multi_label_cost_is_the_binary_cross_entropy_of_each_label() -> None:
    logits, _ = some()
    y = (torch.rand(40, 5) > 0.5).float()
    wanted = functional.binary_cross_entropy_with_logits(logits, y, reduction="none").sum(1)
    torch.testing.assert_close(binary_cross_entropy(logits, y), wanted)
    far = torch.tensor([[1000.0, -1000.0]])
    assert binary_cross_entropy(far, torch.tensor([[0.0, 1.0]])).tolist() == [2000.0]


@pytest.mark.parametrize("row", [[100.0, 0.0, 0.0], [-104.0, -105.0, -106.0], [1e30, 0.0, -1e30]])
def test_the_stable_form_is_finite_where_the_naive_one_is_not(row: list[float]) -> None:
    logits = torch.tensor([row])
    assert naive_softmax(logits).isnan().any()
    torch.testing.assert_close(softmax(logits), functional.softmax(logits, 1))
    assert log_softmax(logits).isfinite().all()
    assert cross_entropy(logits, torch.tensor([2])).isfinite().all()


def test_a_probability_of_zero_has_no_logarithm() -> None:
    logits = torch.tensor([[0.0, 200.0]])
    p, y = softmax(logits), torch.tensor([0])
    assert cross_entropy_by_index(p, y).isinf().all()
    assert cross_entropy_by_product(p, one_hot(1 - y, 2)).isnan().all()
    assert cross_entropy(logits, y).tolist() == [200.0]


def test_the_cross_entropy_is_never_negative_and_zero_only_by_rounding() -> None:
    logits, y = some(10_000, size=20.0)
    assert (cross_entropy(logits, y) >= 0).all()
    # log(1 + exp(−margin)) > 0, but 1 + 2⁻²⁵ is 1 in float32, and 1 + 2⁻⁵⁴ in float64.
    margins = torch.tensor([16.0, 18.0, 35.0, 38.0], dtype=torch.float64)
    logits = torch.stack([margins, torch.zeros(4)], 1).double()
    right = torch.zeros(4, dtype=torch.int64)
    assert (cross_entropy(logits.float(), right) > 0).tolist() == [True, False, False, False]
    assert (cross_entropy(logits, right) > 0).tolist() == [True, True, True, False]


def test_it_learns_the_same_from_classes_and_from_one_hot_rows() -> None:
    x, y = blobs()
    models = []
    for target in (y, one_hot(y, 3), y.numpy().astype("u1"), y.tolist()):
        torch.manual_seed(1)
        model = SoftmaxModel(2, 3)
        costs = model.fit(x.numpy(), target, batch_size=32)
        models.append(model)
    assert costs[-1] < 0.1 < math.log(3) * 0.3 < costs[0]
    assert torch.equal(models[0].predict(x), y)
    assert model.cost(x, y).mean() < 0.1
    for other in models[1:]:
        assert torch.equal(other.weight, models[0].weight)
        assert torch.equal(other.bias, models[0].bias)


def test_fitting_again_continues() -> None:
    x, y = blobs()
    torch.manual_seed(1)
    once = SoftmaxModel(2, 3)
    costs = once.fit(x, y, epochs=4)
    torch.manual_seed(1)
    again = SoftmaxModel(2, 3)
    assert [cost for _ in range(4) for cost in again.fit(x, y, epochs=1)] == costs
    assert torch.equal(once.weight, again.weight)


def test_it_finds_what_scikit_learn_finds() -> None:
    """Overlapping classes, where the best weights are finite; without a penalty."""
    from sklearn.linear_model import LogisticRegression

    x, y = blobs(n=600)
    x = x + 1.5 * torch.randn(600, 2)
    model = SoftmaxModel(2, 3)
    model.fit(x, y, epochs=300, batch_size=600, learning_rate=1.0)
    theirs = LogisticRegression(C=1e6).fit(x, y).predict_proba(x)
    np.testing.assert_allclose(model.probabilities(x), theirs, atol=2e-3)


def test_independent_labels_are_learned_together() -> None:
    x, _ = blobs()
    y = torch.stack([x[:, 0] > 0, x[:, 1] > 0, x[:, 0] > -99], 1)
    torch.manual_seed(1)
    model = SoftmaxModel(2, 3, multi_label=True)
    model.fit(x, y, epochs=60, batch_size=16)
    assert (model.predict(x) == y).float().mean() > 0.98
    assert torch.equal(model.predict(x), model.probabilities(x) > 0.5)
    assert model.predict(x).sum(1).unique().tolist() == [1, 2, 3]


def test_inputs_are_flattened() -> None:
    x = np.random.default_rng(0).random((7, 2, 3)).astype("f4")
    model = SoftmaxModel(6, 4)
    assert torch.equal(model.probabilities(x), model.probabilities(x.reshape(7, 6)))
    assert model.fit(x, np.arange(7) % 4, epochs=2, batch_size=3)[0] == pytest.approx(math.log(4), abs=0.1)


def test_weights_are_initialised_as_in_the_lecture() -> None:
    torch.manual_seed(0)
    model = SoftmaxModel(784, 10).requires_grad_(False)
    assert model.weight.shape == (784, 10)
    assert float(model.weight.mean()) == pytest.approx(0, abs=0.0005)
    assert float(model.weight.std()) == pytest.approx(0.01, rel=0.03)
    assert model.bias.tolist() == [0.0] * 10


X = np.zeros((4, 2), "f4")


@pytest.mark.parametrize(
    ("x", "y", "multi_label", "sentence"),
    [
        (np.zeros((4, 5)), [0, 1, 2, 0], False, r"The input is \(4, 5\), but must be \(n, 2\)"),
        (np.zeros((0, 2)), [], False, r"with n ≥ 1"),
        (np.zeros(4), [0, 1, 2, 0], False, r"The input is \(4,\)"),
        (np.full((4, 2), np.nan), [0, 1, 2, 0], False, "NaN or infinity"),
        (np.full((4, 2), "a"), [0, 1, 2, 0], False, "real numbers are wanted"),
        (X, [1, 2, 3, 1], False, "whole numbers from 0 to 2, but goes from 1 to 3"),
        (X, [0, 0.5, 1, 2], False, "whole numbers"),
        (X, [0, 1, 2, np.nan], False, "whole numbers"),
        (X, [0, 1, 2], False, r"The target is \(3,\), but must be \(4,\) or \(4, 3\)"),
        (X, np.ones((4, 3)), False, "sum to one"),
        (X, ["cat", "dog", "cat", "dog"], False, "real numbers are wanted"),
        (X, [0, 1, 2, 0], True, r"must be \(4, 3\)"),
        (X, np.full((4, 3), 2), True, "between 0 and 1"),
    ],
)
def test_wrong_input_is_an_error_of_one_sentence(x: Any, y: Any, multi_label: bool, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        SoftmaxModel(2, 3, multi_label=multi_label).fit(x, y)


def test_there_are_at_least_two_classes() -> None:
    with pytest.raises(InputError, match="n_classes"):
        SoftmaxModel(2, 1)
    assert SoftmaxModel(2, 1, multi_label=True).predict(X).shape == (4, 1)
