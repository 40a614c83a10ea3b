"""Comma-separated tables: which columns are data, which name, colour or group the rows."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from narrows.data.kinds import Array, numbered
from narrows.errors import InputError
from narrows.registry import nearest

MISSING = {"", "na", "nan", "null", "none", "n/a"}
"""What an empty cell may look like."""


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file as text, by column."""

    file: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]

    def text(self, column: str) -> list[str]:
        """The cells of one column."""
        place = self.place(column)
        return [row[place] for row in self.rows]

    def place(self, column: str) -> int:
        if column not in self.columns:
            raise InputError(f"{self.file} has no column {column!r}.{nearest(column, self.columns)}")
        return self.columns.index(column)

    def numbers(self, columns: Sequence[str]) -> Array:
        """`columns` as `(rows, columns)` float64, NaN where a cell is missing.

        Raises:
            InputError: for text, naming its line and column.
        """
        places = [self.place(column) for column in columns]
        values = np.empty((len(self.rows), len(columns)))
        for i, row in enumerate(self.rows):
            for j, place in enumerate(places):
                value = number(row[place])
                if value is None:
                    raise InputError(
                        f"Line {self.lines[i]} of {self.file} has the text {row[place]!r} in column "
                        f"{columns[j]!r}, where numbers are wanted; leave it out with --columns."
                    )
                values[i, j] = value
        return values


def read_table(file: Path) -> Table:
    """The cells of a comma-separated file, with or without a line of column names.

    Raises:
        InputError: when it is no text, holds no rows, or a row has other than the first one's cells.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            lines = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file.name} cannot be read as comma-separated text: {error}.") from error
    first = lines[0][1] if lines else []
    named = any(number(cell) is None for cell in first)
    body = lines[1:] if named else lines
    if not body:
        raise InputError(f"{file.name} holds no rows.")
    columns = tuple(name.strip() for name in first) if named else numbered(len(first))
    table = Table(file.name, columns, [row for _, row in body], [line for line, _ in body])
    check_shape(table)
    return table


def check_shape(table: Table) -> None:
    twice = [name for name in table.columns if table.columns.count(name) > 1]
    if twice:
        raise InputError(f"{table.file} names a column twice: {twice[0]!r}.")
    for i, row in enumerate(table.rows):
        if len(row) != len(table.columns):
            raise InputError(
                f"Line {table.lines[i]} of {table.file} has {len(row)} cells, but the first line "
                f"has {len(table.columns)}."
            )


def number(cell: str) -> float | None:
    """The number in a cell, NaN for a missing one, None for text."""
    text = cell.strip()
    if text.lower() in MISSING:
        return float("nan")
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None
