from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.checks import check_finite, real


def test_numbers_become_native_and_contiguous() -> None:
    values = np.arange(12.0).reshape(3, 4).astype(">f4").T
    found = real(values, "X")
    assert found.dtype.isnative
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, values)


def test_masked_cells_become_nan() -> None:
    found = real(np.ma.masked_greater(np.array([[1.0, 9.0], [2.0, 3.0]]), 5), "X")
    np.testing.assert_array_equal(found, [[1, np.nan], [2, 3]])


@pytest.mark.parametrize("values", [np.array([["a"]]), np.array([[1j]]), np.array([[{}]], dtype=object)])
def test_what_is_no_number_is_refused(values: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"X holds values of type .*, but real numbers are wanted"):
        real(values, "X")


def test_the_first_bad_value_is_located_in_the_whole() -> None:
    values = np.zeros((4, 3))
    values[2, 1] = np.inf
    with pytest.raises(InputError, match=r"first \(inf\) in row 12, counted from 0, at position \(1,\)"):
        check_finite(values, "X", allow_nan=True, rows=range(10, 14))
    with pytest.raises(InputError, match="in row 7, counted"):
        check_finite(values, "X", allow_nan=True, rows=np.array([3, 9, 7, 1]))
    values[2, 1] = np.nan
    check_finite(values, "X", allow_nan=True)
    with pytest.raises(InputError, match="row 2"):
        check_finite(values, "X", allow_nan=False)
    values[2, 1] = 1e31
    with pytest.raises(InputError, match="larger than 1e\\+30"):
        check_finite(values, "X", allow_nan=True)
