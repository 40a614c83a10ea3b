"""Rows of units between the names of the columns and the numbers, as instruments write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from narrows.data.tables.headers import Row, in_numbers, is_number
from narrows.data.tables.missing import is_missing, is_sign
from narrows.data.tables.notation import is_unit

MOST, COMPARED = 3, 1000
"""Rows of units, or of comments beside them, at the most; rows of data that they are compared with."""


def unit_rows(rows: Sequence[Row]) -> int:
    """How many of `rows`, those below the names, are rows of units.

    >>> unit_rows([["mm", "°C"], ["1.5", "20"], ["1.7", "21"]]), unit_rows([["1.5", "20"], ["1.7", "21"]])
    (1, 0)
    """
    for n in range(min(MOST, len(rows) - 1), 0, -1):
        if all(is_unit_row(row, rows[n : n + COMPARED]) for row in rows[:n]):
            return n
    return 0


def is_unit_row(first: Row, rest: Sequence[Row]) -> bool:
    """Whether `first` has words above half of the columns of numbers, and no number but 1 above any.

    None of the words occurs again in its column. One column of numbers is not enough, unless its word is a
    unit.
    """
    columns = [[row[j] for row in rest if j < len(row)] for j in range(len(first))]
    numbers = [j for j, cells in enumerate(columns) if in_numbers(cells)]
    named = [j for j in numbers if is_word(first[j])]
    others = (j for j in numbers if j not in named)
    if 2 * len(named) < len(numbers) or any(is_number(first[j]) and first[j].strip() != "1" for j in others):
        return False
    again = any(
        cell.strip() not in ("", "1") and cell in cells for cell, cells in zip(first, columns, strict=True)
    )
    return not again and (len(named) > 1 or any(is_unit(bare(first[j])) for j in named))


def is_word(cell: str) -> bool:
    """Whether a cell is a word or a unit, no number, missing cell or sign."""
    text = cell.strip()
    return is_unit(bare(text)) or not (is_missing(text) or is_sign(text) or is_number(text))


def bare(text: str) -> str:
    """A unit without brackets.

    >>> bare("[mm]"), bare("(°C)")
    ('mm', '°C')
    """
    return re.sub(r"^[\[(<]\s*(.*?)\s*[\])>]$", r"\1", text.strip())
