"""What a table says beside the values of a model: other columns, and cells that its values do not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from narrows.data.columns import Array, Column, cells
from narrows.data.tables.cells import LARGEST_EXACT
from narrows.data.tables.table import Table

Text = str | None


@dataclass(frozen=True, slots=True)
class Remainder:
    """The rest of a table, as text.

    Attributes:
        order: the names of all columns, in the order of the table.
        columns: by name those that are not among the values, as they came; None where a typed cell is
            missing.
        cells: by name of a column among the values, the texts of cells that its values do not tell, by row:
            words that the model does not have, and integers that floats do not hold.
    """

    order: tuple[str, ...]
    columns: Mapping[str, Sequence[Text]]
    cells: Mapping[str, Mapping[int, str]]

    @classmethod
    def of(cls, table: Table, values: Array, known: Sequence[Column]) -> Self:
        """What `table` says beside `values (rows, columns)` of the columns `known`."""
        among = {column.name for column in known}
        others = {name: as_came(table, name) for name in table.columns if name not in among}
        untold = {c.name: cells_beside(table, c, values[:, j]) for j, c in enumerate(known)}
        return cls((*table.columns,), others, {name: found for name, found in untold.items() if found})

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        found = {name: dict(zip(*pairs, strict=True)) for name, pairs in record["cells"].items()}
        return cls(tuple(record["order"]), record["columns"], found)

    def to_json(self) -> dict[str, Any]:
        pairs = {name: [[*found], [*found.values()]] for name, found in self.cells.items()}
        return {**asdict(self), "cells": pairs}

    def __bool__(self) -> bool:
        return bool(self.columns or self.cells)

    def joined(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """All columns of the table in its order, of `columns (rows,)` those that are among the values."""
        return {
            name: np.array(self.columns[name], dtype=object)
            if name in self.columns
            else with_cells(columns[name], self.cells.get(name, {}))
            for name in self.order
        }


def as_came(table: Table, name: str) -> list[Text]:
    """The cells of a column as text."""
    return [None if cell is None else str(cell) for cell in table[name].as_texts()]


def cells_beside(table: Table, column: Column, values: Array) -> dict[int, str]:
    """The texts of cells of a column, by row, that its `values (rows,)` do not tell.

    A number does where it is not missing, unless the cell is an integer that floats do not hold; a word where
    it is the same one; a date where it is the same moment.
    """
    lacking = np.isnan(values)
    if column.nature == "number":
        lacking |= np.abs(values) > LARGEST_EXACT
        typed = table[column.name].raw is None and isinstance(table[column.name].values, np.ndarray)
        if typed or not lacking.any():
            return {}
    came = table.words(column.name)
    if column.levels:
        lacking |= np.array([word != text for word, text in zip(cells(values, column), came, strict=True)])
    elif column.dates is not None and table[column.name].moments is None:
        written = column.dates.text(values)
        lacking |= np.array(column.dates.days(written)) != np.array(column.dates.days([*came]), dtype=float)
    texts = {int(row): came[int(row)] for row in np.flatnonzero(lacking)}
    return {row: text for row, text in texts.items() if text is not None}


def with_cells(column: Any, texts: Mapping[int, str]) -> Any:
    """A column `(rows,)` with `texts` in some rows, if any; then all its cells are text."""
    if not texts:
        return column
    found = np.array([None if cell is None or cell != cell else str(cell) for cell in column], dtype=object)
    found[[*texts]] = [*texts.values()]
    return found
