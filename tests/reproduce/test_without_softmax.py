"""The outputs of a linear model without softmax."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.lab import Lab
from narrows.reproduce.without_softmax import described, least_squares, without_softmax
from tests.reproduce.findings import check_complete


def test_outputs_are_described() -> None:
    found = described(np.array([[0.5, 0.5], [1.5, -0.5], [-1.0, 1.0]]), np.array([0, 0, 0]))
    assert found == (2 / 3, 2 / 6, 1 / 3, 1.5, pytest.approx(1 / 3))


def test_least_squares_with_a_bias_sums_to_one() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((60, 4)).astype(np.float32), np.eye(3)[rng.integers(0, 3, 60)]
    np.testing.assert_allclose(least_squares(x, y, x[:9]).sum(axis=1), 1)
    wanted = np.column_stack([x, np.ones(60)])
    np.testing.assert_allclose(least_squares(x, y, x), wanted @ np.linalg.lstsq(wanted, y, rcond=None)[0])


def test_what_softmax_is_for(full_lab: Lab) -> None:
    found = without_softmax(full_lab)
    check_complete(found)
    after = found.measured["softmax regression"]
    assert after["negative"] == after["above"] == 0
    assert after["off"] < 1e-5
