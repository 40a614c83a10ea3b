from __future__ import annotations

import numpy as np

from narrows.data.columns import Column
from narrows.data.kinds.table import TableSchema
from narrows.evaluation.errors import column_errors, errors

COLUMNS = (
    Column("c", "str", ("p", "q", "r")),
    Column("n"),
    Column("b", "bool", ("no", "yes")),
    Column("i", "int64"),
)
SCHEMA = TableSchema("float64", (4,), "F", COLUMNS)


def test_a_category_counts_as_one_cell_with_its_one_hot_error() -> None:
    x = SCHEMA.arrange(np.array([[0, 1.0, 1, 2.0], [np.nan, 3.0, 0, np.nan]]))
    guess = np.zeros((2, 6))
    found = errors(x, guess, np.array([0, 1, 2, 3]))
    np.testing.assert_array_equal(found.values, [4, 2])
    np.testing.assert_array_equal(found.squared, [1 + 4 + 1 + 1, 9])
    np.testing.assert_array_equal(column_errors(x, guess, np.array([0, 1, 2, 3])), [5, 4, 0.5, 1])
