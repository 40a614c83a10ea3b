from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.data.columns import Column, narrow, widen

COLUMNS = (
    Column("c", "str", ("p", "q", "r")),
    Column("n"),
    Column("b", "bool", ("no", "yes")),
    Column("i", "int64"),
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.floats(-9, 9), st.integers(0, 1), st.integers(-5, 5)), min_size=1
    )
)
def test_wide_and_narrow_again(rows: list[tuple[float, ...]]) -> None:
    values = np.array(rows, dtype=np.float64)
    wide = widen(values, COLUMNS)
    assert wide.shape == (len(rows), 6)
    assert (wide[:, 3:].sum(axis=1) == 1).all()
    np.testing.assert_array_equal(narrow(wide, COLUMNS), values)


def test_a_missing_category_is_missing_at_every_level() -> None:
    wide = widen(np.array([[np.nan, 1.0, np.nan, 2.0]]), COLUMNS)
    np.testing.assert_array_equal(np.isnan(wide[0]), [False, False, True, True, True, True])
