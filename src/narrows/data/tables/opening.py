"""Open a table in a file of any format that holds columns."""

from __future__ import annotations

from pathlib import Path

from narrows.core.errors import InputError
from narrows.data.formats import format_of
from narrows.data.reading import Reading
from narrows.data.tables.excel import read_excel
from narrows.data.tables.files import read_frame
from narrows.data.tables.plain_text import read_plain
from narrows.data.tables.table import Table
from narrows.data.tables.text import Asked, read_text


def open_table(file: Path, part: str, how: Reading, *, index: bool = False, numbers: bool = False) -> Table:
    """The table in `file`: text, typed columns, or the sheet called `part` of a spreadsheet.

    Args:
        file: its path.
        part: a sheet; empty for the first visible one with a table.
        how: options of tables.
        index: whether the index of a data frame in the file counts as columns.
        numbers: whether columns of plain numbers in text may be arrays instead of texts.

    Raises:
        InputError: for a file that cannot be read, or has no parts.
    """
    form = format_of(file)
    if form == "excel":
        return read_excel(file, part, asked(how))
    if part:
        raise InputError(f"{file.name} is one table and has no part {part!r}.")
    if form in ("csv", "tsv"):
        plain = read_plain(file, asked(how)) if numbers else None
        return read_text(file, asked(how)) if plain is None else plain
    named = (*(how.form.missing if how.form else ()), *how.missing)
    return read_frame(file, index=index).lacking(named)


def asked(how: Reading) -> Asked:
    """What is known of a table in text before it is read."""
    columns = () if how.like is None else how.like.columns
    levels = {column.name: column.levels for column in columns} or None
    return Asked(how.header, how.form, how.missing, levels)
