from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.core.errors import InputError
from narrows.data.kinds.table import TableSchema
from tests.samples import EVERY_NATURE


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.floats(-9, 9), st.integers(0, 1), st.integers(-5, 5)), min_size=1
    )
)
def test_wide_and_narrow_again(rows: list[tuple[float, ...]]) -> None:
    values = np.array(rows, dtype=np.float64)
    wide = EVERY_NATURE.arrange(values)
    assert wide.shape == (len(rows), 6)
    assert (wide[:, 3:].sum(axis=1) == 1).all()
    np.testing.assert_array_equal(EVERY_NATURE.from_model(torch.from_numpy(wide)), values)


def test_a_missing_category_is_missing_at_every_level() -> None:
    wide = EVERY_NATURE.arrange(np.array([[np.nan, 1.0, np.nan, 2.0]]))
    np.testing.assert_array_equal(np.isnan(wide[0]), [False, False, True, True, True, True])


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "uint16", "bool"])
def test_a_table_of_numbers_goes_through_unchanged(dtype: str) -> None:
    values = np.arange(12).reshape(4, 3).astype(dtype)
    schema = TableSchema.of((3,), dtype)
    arranged = schema.arrange(values)
    assert arranged.dtype == dtype
    np.testing.assert_array_equal(arranged, values)
    np.testing.assert_array_equal(schema.from_model(torch.from_numpy(arranged.copy())), values)


def test_amounts_are_added_up_by_column_in_the_order_of_the_table() -> None:
    amounts = np.array([[1.0, 10.0, 100.0, 1e3, 1e4, 1e5]])  # n, i, b, then the words of c
    np.testing.assert_array_equal(EVERY_NATURE.by_part(amounts), [[111_000.0, 1.0, 100.0, 10.0]])


def test_an_empty_column_of_the_training_part_is_named() -> None:
    values = EVERY_NATURE.arrange(np.array([[0, np.nan, 1, 2], [1, np.nan, 0, 3.0]]))
    with pytest.raises(InputError, match="column 'n' has no value in the 2 rows"):
        EVERY_NATURE.check_training(values, "a.csv")
