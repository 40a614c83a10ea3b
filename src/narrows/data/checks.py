"""Whether values can be learned from: real, finite numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.core.errors import InputError
from narrows.data.columns import Array

LARGEST = 1e30
"""The largest value that is taken for a measurement."""


def real(values: Array, name: str) -> Array:
    """`values` as numbers that torch takes: real, C-contiguous, native-endian.

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
    """Refuse a type of values that are no real numbers."""
    if dtype.kind not in "buif":
        raise InputError(f"{name} holds values of type {dtype}, but real numbers are wanted.")


def check_finite(values: Array, name: str, *, allow_nan: bool, first: int = 0) -> None:
    """Find the first value that is no number, or too large a one, and say where it is.

    `first` is the number of the first row, where `values` are a piece of more.
    """
    if values.dtype.kind != "f" or (float(values.min()) >= -LARGEST and float(values.max()) <= LARGEST):
        return  # a NaN would make both comparisons false
    bad = ~(np.abs(values) <= np.float64(LARGEST)) & ~(np.isnan(values) & allow_nan)
    if bad.any():
        place = tuple(int(i) for i in np.unravel_index(int(bad.argmax()), bad.shape))
        raise InputError(
            f"{name} holds {int(bad.sum())} values that are not finite or larger than {LARGEST:g}, the "
            f"first ({values[place]}) in row {first + place[0]} at position {place[1:]}, counted from 0; "
            f"remove or replace them."
        )
