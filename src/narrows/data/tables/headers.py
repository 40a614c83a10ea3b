"""Tell a line of column names from a row of data, also where the names are numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from narrows.data.columns import Array
from narrows.data.tables.missing import is_missing, is_sign
from narrows.data.tables.notation import number, parts

Row = Sequence[str]

FEW, MANY = 0.01, 5
"""The share of rows that may be like a header of numbers by chance, and the rows that a rule needs."""


def is_header(first: Row, rest: Sequence[Row]) -> bool:
    """Whether the row `first` holds the names of the columns of the rows `rest`.

    It does if it has text, none of which occurs again in the same column, or numbers that name columns.
    """
    texts = [j for j, cell in enumerate(first) if cell.strip() and not is_number(cell)]
    if texts:
        return not any(first[j] == row[j] for j in texts for row in rest if j < len(row))
    return names_in_numbers(first, rest)


def repeated_names(rows: Sequence[Row]) -> list[int]:
    """The numbers of rows that repeat the first one, the names of the columns, as in files put together.

    A word of the first row is above a column of numbers, else the rows may be data.

    >>> repeated_names([["a", "b"], ["1", "x"], ["a", "b"], ["2", "y"]])
    [2]
    >>> repeated_names([["red"], ["blue"], ["red"]])
    []
    """
    again = [i for i, row in enumerate(rows) if i and row == rows[0]]
    rest = [row for row in rows[1:] if row != rows[0]] if again else []
    words = (j for j, cell in enumerate(rows[0]) if cell.strip() and not is_number(cell)) if again else ()
    return again if any(in_numbers([row[j] for row in rest if j < len(row)]) for j in words) else []


def in_numbers(cells: Sequence[str]) -> bool:
    """Whether most cells of a column are numbers, of those that are not missing."""
    present = [cell for cell in cells if not (is_missing(cell) or is_sign(cell.strip()))]
    return 2 * sum(map(is_number, present)) > len(present)


def is_number(cell: str) -> bool:
    return number(cell) is not None or parts(cell) is not None


def names_in_numbers(first: Row, rest: Sequence[Row]) -> bool:
    """Whether a row of numbers names columns, as 0, 1, 2 or wavelengths do.

    They rise or fall from column to column, and the rows below are not like that: they are words, have
    fractions below whole numbers, or do not rise or fall by equal steps, or in eight columns at all (half of
    them, if the names lie outside of the range of each column). A first cell may be empty, above the rows'
    names.
    """
    start = int(bool(first) and not first[0].strip())
    names, rows = first[start:], [row[start:] for row in rest if len(row) == len(first)]
    if len(names) < 2 or not rows or not in_order(values(names)):
        return False
    if above_words(names, rows) or above_fractions(names, rows):
        return True
    x, below = values(names), [values(row) for row in rows]
    enough = len(rows) >= 6 * MANY or (len(rows) >= MANY and apart(x, below))
    counted = x[0] in (0, 1) and x[1] - x[0] == 1
    if len(names) < MANY:
        enough = enough and (counted or apart(x, below))
    if len(names) >= 3 and (enough or len(names) >= MANY) and in_steps(names):
        return rare([in_steps(row) for row in rows])
    if len(names) < 8 or len(rows) < MANY:
        return False
    alike = [in_order(row) for row in below]
    return rare(alike) or (apart(x, below) and 2 * sum(alike) < len(alike))


def values(row: Row) -> Array:
    """Numbers `(columns,)`, NaN for other text and for a missing cell."""
    cells = (cell.strip().replace(",", ".") for cell in row)
    return np.array([np.nan if (value := number(cell)) is None else value for cell in cells])


def rare(alike: Sequence[bool]) -> bool:
    """Whether hardly any of the rows are like the first."""
    return sum(alike) <= FEW * len(alike)


def in_order(x: Array) -> bool:
    """Whether numbers rise or fall from each to the next."""
    steps = np.diff(x)
    return bool((steps > 0).all() or (steps < 0).all())


def in_steps(row: Row) -> bool:
    """Whether numbers rise or fall by equal steps, but for rounding."""
    steps = np.diff(values(row))
    rounding = 2.0 * 10.0 ** -max(len(cell.strip().replace(",", ".").partition(".")[2]) for cell in row)
    whole = rounding == 2.0
    return in_order(values(row)) and bool(np.ptp(steps) <= (0 if whole else rounding))


def apart(x: Array, below: Sequence[Array]) -> bool:
    """Whether each number lies outside of the range of the column below it."""
    column = np.stack(below)
    with np.errstate(invalid="ignore"):
        return bool(((x < np.fmin.reduce(column)) | (x > np.fmax.reduce(column))).all())


def above_words(names: Row, rows: Sequence[Row]) -> bool:
    """Whether a column has words only, of which one occurs twice, below its first cell."""
    for j in range(len(names)):
        cells = [row[j] for row in rows if row[j].strip()]
        if cells and not any(map(is_number, cells)) and len({*cells}) < len(cells):
            return True
    return False


def above_fractions(names: Row, rows: Sequence[Row]) -> bool:
    """Whether whole numbers are above numbers that are all written with fractions.

    Not where few columns begin with a number that the next ones continue, as a time does.
    """
    if len(rows) < MANY or not all(re.fullmatch(r"\s*\d+\s*", name) for name in names):
        return False
    cells = [cell for row in rows for cell in row if is_number(cell)]
    fractions = sum(bool(re.search(r"\d[.,]\d|[.,]\d|\d[.,]|[eE]-", cell)) for cell in cells)
    if fractions < (1 - FEW) * len(cells) or not cells:
        return False
    columns = np.stack([values(names), *map(values, rows)], axis=1)
    return len(names) > 3 or not any(in_order(column) for column in columns)
