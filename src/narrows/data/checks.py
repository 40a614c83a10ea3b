"""Check that values are real, finite numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.columns import Array

LARGEST_VALUE = 1e30
"""The largest absolute value of data; larger ones are taken for mistakes."""


def real(values: Array, name: str) -> Array:
    """`values` as an array that torch accepts: real, C-contiguous, native-endian; masked entries are NaN.

    Raises:
        InputError: for objects, text, dates and complex numbers.
    """
    if isinstance(values, np.ma.MaskedArray):
        values = np.where(np.ma.getmaskarray(values), np.nan, values.data)
    values = np.asarray(values)
    check_real(values.dtype, name)
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        values = values.astype(np.float64)
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))


def check_real(dtype: np.dtype[Any], name: str) -> None:
    """Refuse a dtype of values that are not real numbers."""
    if dtype.kind not in "buif":
        raise InputError(f"{name} holds values of type {dtype}, but real numbers are wanted.")


def check_finite(
    values: Array,
    name: str,
    *,
    allow_nan: bool,
    rows: range | NDArray[np.intp] | None = None,
    columns: Sequence[str] = (),
) -> None:
    """Refuse values that are not finite, or larger than `LARGEST_VALUE`.

    Args:
        values: `(n, …)`.
        name: of the data, for the message.
        allow_nan: whether NaN is a missing value and accepted.
        rows: the row numbers of `values`, where they are a block of larger data.
        columns: the names of the columns of a table, for the message.

    Raises:
        InputError: with the row and position of the first such value.
    """
    if values.dtype.kind != "f":
        return
    if float(values.min()) >= -LARGEST_VALUE and float(values.max()) <= LARGEST_VALUE:
        return  # with a NaN both comparisons are false
    bad = ~(np.abs(values) <= np.float64(LARGEST_VALUE)) & ~(np.isnan(values) & allow_nan)
    if bad.any():
        place = tuple(int(i) for i in np.unravel_index(int(bad.argmax()), bad.shape))
        where = f" in column {columns[place[1]]!r}" if columns else f" at position {place[1:]}"
        row = place[0] if rows is None else rows[place[0]]
        raise InputError(
            f"{name} holds {int(bad.sum()):,} values that are not finite or larger than {LARGEST_VALUE:g}, "
            f"the first ({values[place]}) in row {row}, counted from 0,{where}; remove or replace them."
        )
