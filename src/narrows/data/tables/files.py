"""Read tables that other programs write: Parquet, Feather, JSON lines and Excel."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.core.errors import InputError, reason
from narrows.core.memory import check_room
from narrows.core.registry import nearest
from narrows.data.formats import FORMATS, format_of, need
from narrows.data.tables.table import Table, from_frame
from narrows.data.tables.text import Asked, Line, table_of

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_BYTES_PER_BYTE = 20
"""The memory that a byte of a file may take when it is read."""


def read_frame(file: Path) -> Table:
    """The typed columns of a Parquet, Feather or JSON lines file.

    Raises:
        InputError: when the extra is missing, or the file cannot be read.
    """
    load = {"parquet": parquet, "feather": feather, "jsonl": json_lines}[format_of(file)]
    return from_frame(loaded(load, file), file.name)


def loaded(load: Any, file: Path, *more: Any) -> Any:
    """What `load` reads from a file; whatever it raises is an `InputError`."""
    title = FORMATS[format_of(file)].title.partition(";")[0]
    try:
        return load(file, *more)
    except InputError:
        raise
    except ImportError as error:
        raise InputError(f"{title} {need(format_of(file))}.") from error
    except Exception as error:  # a damaged file may raise anything in the parser
        raise InputError(f"{file.name} cannot be read as {title}: {reason(error)}.") from error


def parquet(file: Path) -> DataFrame:
    import pandas
    import pyarrow.parquet

    about = pyarrow.parquet.ParquetFile(file).metadata
    check_room(8 * about.num_rows * about.num_columns, f"The cells of {file.name} are")
    return pandas.read_parquet(file)


def feather(file: Path) -> DataFrame:
    import pyarrow.feather

    return pyarrow.feather.read_table(file).to_pandas()


def json_lines(file: Path) -> DataFrame:
    """Numbers, booleans, texts and nulls; objects and lists are refused."""
    import pandas

    check_room(MOST_BYTES_PER_BYTE * file.stat().st_size, f"The cells of {file.name} may take")
    with file.open(encoding="utf-8-sig") as stream:
        frame = pandas.DataFrame([json.loads(line) for line in stream if line.strip()])
    for name in frame.columns:
        nested = [cell for cell in frame[name] if isinstance(cell, (dict, list))]
        if nested:
            raise InputError(
                f"The column {str(name)!r} of {file.name} holds objects or lists, but wanted is one number "
                f"or word in a cell; leave it out of the file, or write a column for each of its parts."
            )
    return frame


def read_excel(file: Path, sheet: str, asked: Asked) -> Table:
    """A sheet of an Excel file, whose cells are read like those of a text file.

    Raises:
        InputError: when the extra or the sheet is missing, or the file cannot be read.
    """
    cells = loaded(excel, file, sheet)
    width = max(map(len, cells), default=0)
    rows = ([cell_text(cell) for cell in [*row, *[None] * (width - len(row))]] for row in cells)
    lines = [Line(f"Row {i + 1} of {file.name}", row) for i, row in enumerate(rows) if any(row)]
    return table_of(file.name, lines, asked)


def excel(file: Path, sheet: str) -> list[tuple[Any, ...]]:
    """The rows of the first sheet, or of the one called `sheet`: the values that its formulas have."""
    from openpyxl import load_workbook

    check_room(MOST_BYTES_PER_BYTE * file.stat().st_size, f"The cells of {file.name} may take")
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        if sheet and sheet not in book.sheetnames:
            raise InputError(f"{file.name} has no sheet {sheet!r}.{nearest(sheet, book.sheetnames)}")
        return list(book[sheet or book.sheetnames[0]].iter_rows(values_only=True))
    finally:
        book.close()


def cell_text(cell: object) -> str:
    """A cell as text: nothing if it is empty, a date in ISO 8601, a whole number without a fraction.

    >>> cell_text(3.0), cell_text(None), cell_text(datetime(2024, 5, 1))
    ('3', '', '2024-05-01')
    """
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell)
