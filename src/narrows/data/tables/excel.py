"""Read the sheets of Excel files, whose cells are read like those of a text file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from narrows.core.errors import InputError, few
from narrows.core.memory import check_room
from narrows.core.registry import nearest
from narrows.data.tables.files import loaded
from narrows.data.tables.headers import in_numbers
from narrows.data.tables.lines import Line
from narrows.data.tables.merged import Range, without_merged
from narrows.data.tables.table import Table
from narrows.data.tables.text import Asked, table_of

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

MOST_BYTES_PER_BYTE = 50
"""The memory that a byte of a file may take when openpyxl reads it."""


class Sheet(NamedTuple):
    """The cells of a sheet.

    Attributes:
        rows: of equal lengths, texts.
        merged: the ranges of merged cells.
        notes: sentences about the choice of the sheet, and about what it hides.
    """

    rows: list[list[str]]
    merged: list[Range]
    notes: list[str]


def read_excel(file: Path, sheet: str, asked: Asked) -> Table:
    """The sheet that is called `sheet`, or else the first visible one with a table.

    Raises:
        InputError: when the extra or the sheet is missing, or the file cannot be read.
    """
    found: Sheet = loaded(read_sheet, file, sheet)
    rows, said = without_merged(found.rows, found.merged, asked.headed)
    lines = [Line(f"Row {i + 1} of {file.name}", row) for i, row in enumerate(rows) if any(row)]
    table = table_of(file.name, lines, asked)
    return replace(table, notes=(*found.notes, *said, *table.notes))


def read_sheet(file: Path, name: str) -> Sheet:
    """The cells of a sheet: the values that its formulas have."""
    from openpyxl import load_workbook

    check_room(MOST_BYTES_PER_BYTE * file.stat().st_size, f"The cells of {file.name} may take")
    book = load_workbook(file, data_only=True)
    sheet = named_sheet(book, name, file) if name else first_table(book, file)
    merged = [
        Range(area.min_row - 1, area.max_row, area.min_col - 1, area.max_col)
        for area in sheet.merged_cells.ranges
    ]
    notes = [] if name else about_choice(book, sheet, file)
    if hidden := sum(row.hidden for row in sheet.row_dimensions.values()):
        notes.append(f"Hidden rows are read, too: {hidden:,}.")
    rows = texts(sheet)
    notes += without_values(file, sheet.title, rows)
    return Sheet(rows, sorted(merged), notes)


def without_values(file: Path, name: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """A sentence about columns that are empty below their names because their formulas have no values."""
    from openpyxl import load_workbook

    empty = [j for j, cells in enumerate(zip(*rows, strict=True)) if sum(map(bool, cells)) == 1]
    if not empty:
        return []
    sheet = load_workbook(file)[name]
    formulas = [
        j
        for j in empty
        if any(cell.data_type == "f" for (cell,) in sheet.iter_rows(min_col=j + 1, max_col=j + 1))
    ]
    if not formulas:
        return []
    columns = few([next(row[j] for row in rows if row[j]) for j in formulas])
    advice = f"open {file.name} in a spreadsheet and save it"
    return [f"Formulas without values are missing cells, in {columns}; {advice}."]


def named_sheet(book: Workbook, name: str, file: Path) -> Worksheet:
    """The sheet called `name`."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if name not in sheets:
        raise InputError(f"{file.name} has no sheet {name!r}.{nearest(name, sheets)}")
    return sheets[name]


def first_table(book: Workbook, file: Path) -> Worksheet:
    """The first visible sheet with a column of numbers, or else with a cell."""
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise InputError(f"{file.name} has no visible sheet with cells; name one, as {file.name}::Sheet1.")
    with_numbers = (sheet for sheet in visible if has_numbers(texts(sheet)))
    with_cells = (sheet for sheet in visible if any(map(any, texts(sheet))))
    return next(with_numbers, None) or next(with_cells, visible[0])


def has_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column of `rows` has numbers below its first cell."""
    columns = ([cell for cell in column if cell][1:] for column in zip(*rows, strict=True))
    return any(len(cells) > 1 and in_numbers(cells) for cells in columns)


def about_choice(book: Workbook, sheet: Worksheet, file: Path) -> list[str]:
    """A sentence about the sheet that is read and the others, if there are others."""
    others = [
        f"{other.title!r}{'' if other.sheet_state == 'visible' else ' (hidden)'}"
        for other in book.worksheets
        if other is not sheet
    ]
    if not others:
        return []
    choice = f"{file.name}::NAME reads another"
    return [f"Of {file.name} the sheet {sheet.title!r} is read, not {few(others)}; {choice}."]


def texts(sheet: Worksheet) -> list[list[str]]:
    """The cells of a sheet as text, in rows of equal lengths."""
    return [[*map(cell_text, row)] for row in sheet.iter_rows(values_only=True)]


def cell_text(cell: Any) -> str:
    """A cell as text: nothing if it is empty, a date in ISO 8601, a whole number without a fraction.

    >>> cell_text(3.0), cell_text(None), cell_text(datetime(2024, 5, 1))
    ('3', '', '2024-05-01')
    """
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell)
