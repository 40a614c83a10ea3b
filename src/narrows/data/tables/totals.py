"""Rows of totals at the end of a table, as spreadsheets have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np

from narrows.data.columns import Array
from narrows.data.tables.cells import Cells
from narrows.data.tables.notation import number

FEWEST, TRIED = 10, 5
"""Rows above the totals, at the least, as sums of fewer occur by chance; cells that are tried first."""


def ends_in_totals(columns: Mapping[str, Cells]) -> bool:
    """Whether the last row has the sums of the columns of numbers above it, and no other number."""
    texts = [cells.values for cells in columns.values() if not cells.words]
    sums = [is_sum(column) for column in texts if len(column) > FEWEST and column[-1] is not None]
    return True in sums and False not in sums


def is_sum(column: Sequence[str | None] | Array) -> bool | None:
    """Whether the last number of a column is the sum of those before it, and larger than each of them.

    Returns:
        None for a column of words, or of zeros.
    """
    last = number(str(column[-1]))
    if (
        last is None
        or not isfinite(last)
        or any(abs(number(str(cell)) or 0.0) >= abs(last) for cell in column[:TRIED])
    ):
        return None if last is None else False
    numbers = [np.nan if cell is None else number(cell) for cell in column]
    if None in numbers or not np.nansum(np.abs(x := np.array(numbers, dtype=np.float64))):
        return None
    rounding = 0.5 * 10.0 ** -max(len((cell or "").partition(".")[2]) for cell in column)
    close = abs(x[-1] - np.nansum(x[:-1])) <= len(x) * rounding
    return bool(close and abs(x[-1]) > np.nanmax(np.abs(x[:-1]), initial=0.0))


def may_be_sum(column: Array) -> bool:
    """Whether the last of numbers `(n,)`, whose texts are not known, may be the sum of those before it."""
    last = abs(column[-1])
    if np.isnan(last) or len(column) <= FEWEST:
        return True
    first = np.nan_to_num(np.abs(column[:TRIED]))
    rounding = 0.5 * len(column)
    return bool((first < last).all() and abs(column[-1] - np.nansum(column[:-1])) <= rounding)
