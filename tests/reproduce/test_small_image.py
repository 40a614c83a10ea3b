"""A 2×2 image by hand, and regression on labels."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.findings import Finding
from narrows.reproduce.lab import Lab
from narrows.reproduce.small_image import E3, accuracy, least_squares, orders
from tests.reproduce.findings import check_complete


@pytest.fixture(scope="module")
def finding() -> Finding:
    return E3.measure(Lab(quick=True))


def test_it_holds_and_has_sentence_and_figures(finding: Finding) -> None:
    check_complete(finding)


def test_regression_on_labels_is_less_accurate_than_softmax(finding: Finding) -> None:
    measured, yardstick = finding.measured, finding.yardstick
    # o = W x + b by hand.
    assert measured["logits"] == pytest.approx([2.8, -0.7, 0.8], abs=1e-4)
    assert sum(measured["probabilities"]) == pytest.approx(1, abs=2e-4)
    assert measured["order_kept"] == 1
    assert measured["softmax_accuracy"] > 0.95
    assert yardstick["labels_accuracy"] < 0.6
    assert yardstick["labels_accuracy"] < yardstick["one_hot_accuracy"] < 0.95
    assert 0 < yardstick["one_hot_outputs_outside_0_1"] < 1


def test_least_squares_has_an_intercept() -> None:
    x = np.random.default_rng(0).random((50, 4))
    y = x @ [1.0, -2.0, 0.5, 3.0] + 7
    np.testing.assert_allclose(least_squares(x, y, x[:5] + 1), (x[:5] + 1) @ [1.0, -2.0, 0.5, 3.0] + 7)


def test_there_are_three_orders_up_to_reversal() -> None:
    assert len(orders()) == 3
    assert len({frozenset((order, order[::-1])) for order in orders()}) == 3


def test_accuracy_is_of_all_and_of_each_class() -> None:
    correct, y = np.array([True, False, True, True]), np.array([0, 0, 1, 2])
    assert accuracy(correct, y) == {"all": 0.75, "cat": 0.5, "chicken": 1.0, "dog": 1.0}
