from __future__ import annotations

import numpy as np

from narrows.evaluation.errors import column_errors, errors
from tests.samples import EVERY_NATURE


def test_a_category_counts_as_one_cell_with_its_one_hot_error() -> None:
    x = EVERY_NATURE.arrange(np.array([[0, 1.0, 1, 2.0], [np.nan, 3.0, 0, np.nan]]))
    guess = np.zeros((2, 6))
    found = errors(x, guess, np.array([0, 1, 2, 3]))
    np.testing.assert_array_equal(found.values, [4, 2])
    np.testing.assert_array_equal(found.squared, [1 + 4 + 1 + 1, 9])
    np.testing.assert_array_equal(column_errors(x, guess, np.array([0, 1, 2, 3])), [5, 4, 0.5, 1])
