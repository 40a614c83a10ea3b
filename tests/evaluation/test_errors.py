from __future__ import annotations

import numpy as np
import pytest

from narrows.core import memory
from narrows.evaluation.errors import column_errors, errors
from tests.samples import EVERY_NATURE


def test_a_category_counts_as_one_cell_with_its_one_hot_error() -> None:
    x = EVERY_NATURE.arrange(np.array([[0, 1.0, 1, 2.0], [np.nan, 3.0, 0, np.nan]]))
    guess = np.zeros((2, 6))
    found = errors(x, guess, np.array([0, 1, 2, 3]))
    np.testing.assert_array_equal(found.values, [4, 2])
    np.testing.assert_array_equal(found.squared, [1 + 4 + 1 + 1, 9])
    np.testing.assert_array_equal(column_errors(x, guess, np.array([0, 1, 2, 3])), [5, 4, 0.5, 1])


def test_the_errors_of_wide_rows_are_computed_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    x, made = np.random.default_rng(0).random((2, 11, 5)).astype(np.float32)
    x[3, 2] = np.nan
    expected = errors(x, made)
    monkeypatch.setattr(memory, "VALUES_AT_ONCE", 2 * 5)
    found = errors(x, made)
    np.testing.assert_array_equal(found.squared, expected.squared)
    np.testing.assert_array_equal(found.values, [5, 5, 5, 4, 5, 5, 5, 5, 5, 5, 5])
    assert len(errors(x[:0], made[:0]).squared) == 0
