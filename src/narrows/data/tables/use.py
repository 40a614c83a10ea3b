"""What the columns of a table are used for: values, labels, names of rows, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from narrows.core.errors import InputError, few
from narrows.core.shell import listed_name, quoted
from narrows.data.columns import Array, Column
from narrows.data.tables.cells import LARGEST_EXACT, Cells
from narrows.data.tables.cells import stand_in as stand_in_number
from narrows.data.tables.dates import stand_in as stand_in_date
from narrows.data.tables.notation import number
from narrows.data.tables.table import Table


def without(columns: Sequence[str], dropped: Sequence[str], table: Table | None) -> tuple[str, ...]:
    """`columns` without those that are `dropped`, each of which `table` must have, if there is one."""
    if table is not None:
        for name in dropped:
            table[name]  # or an error that names the nearest
    return tuple(column for column in columns if column not in dropped)


def nameless(table: Table, id_column: str | None) -> tuple[str, ...]:
    """What is done with a column without a name, if there is one."""
    if "" not in table.columns:
        return ()
    use = "names the rows and " if id_column == "" else ""
    return (f"The column without a name {use}is not among the values.",)


def refuse_words(columns: Sequence[str | Column], kind: str) -> None:
    """Refuse columns of words for a kind of data that holds numbers only."""
    words = [column.name for column in columns if isinstance(column, Column) and column.nature != "number"]
    if words:
        raise InputError(
            f"The column {words[0]!r} holds words or dates, but {kind} are numbers; leave it out."
        )


def stand_ins(values: Array, columns: Sequence[Column], table: Table) -> tuple[str, ...]:
    """A sentence about numbers and dates that seem to stand for missing cells, if there are any.

    Args:
        values: `(rows, columns)`.
        columns: their descriptions.
        table: that they are from; to that of a file an option of the command line applies.
    """
    found = {c.name: hit for j, c in enumerate(columns) if (hit := stand_in(values[:, j], c, table[c.name]))}
    if not found:
        return ()
    cells = few([f"{text} in {name} ({n:,} cells)" for name, (text, n) in found.items()])
    codes = ",".join(sorted({listed_name(text) for text, _ in found.values()}))
    advice = "put NaN in its place" if table.form is None else f"read it as one: --missing {quoted(codes)}"
    return (
        f"Far from all other values of the column: {cells}. If that stands for a missing cell, {advice}.",
    )


def stand_in(values: Array, column: Column, cells: Cells) -> tuple[str, int] | None:
    """The cell of a column, as it came, that seems to stand for missing ones, and how often it occurs."""
    if column.dates is not None:
        return stand_in_date(values, column.dates)
    found = None if column.levels else stand_in_number(values)
    if found is None or cells.raw is None:
        return found and (f"{found[0]:g}", found[1])
    return str(cells.raw[int((values == found[0]).argmax())]).strip(), found[1]


def classes(table: Table, column: str) -> Array:
    """A column of labels `(n,)`: numbers if all cells are, else text, as codes are that start with 0.

    Integers that floats do not hold are text, too.
    """
    cells = table.words(column)
    if table[column].words:
        return np.array([cell or "" for cell in cells])
    numbers = [np.nan if cell is None else number(cell) for cell in cells]
    inexact = any(n is not None and LARGEST_EXACT < abs(n) < np.inf and n.is_integer() for n in numbers)
    return np.array([cell or "" for cell in cells] if None in numbers or inexact else numbers)
