"""The columns of a table: numbers, dates, booleans and categories.

A table has one number per cell: days for a date, 0 or 1 for a boolean, the index of its level for a category.
In the model's layout a date has more values, a category is one-hot, one value per level; numbers come first,
then dates, booleans and categories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.tables.dates import Dates
from narrows.data.tables.notation import PLAIN, Notation

Array = NDArray[Any]

Nature = Literal["number", "date", "boolean", "category"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: as in the file.
        dtype: of its cells in the file: numpy's or pandas' name, "str" for text.
        levels: of a category its distinct words, sorted; of a boolean the words for false and true.
        rest: of a category with many words the level that stands for all others; else empty.
        dates: of a column of dates how they are read and written.
        notation: of a column of numbers how the file writes them.
    """

    name: str
    dtype: str = "float64"
    levels: tuple[str, ...] = ()
    rest: str = ""
    dates: Dates | None = None
    notation: Notation = PLAIN

    @property
    def nature(self) -> Nature:
        if not self.levels:
            return "number" if self.dates is None else "date"
        return "boolean" if self.dtype in ("bool", "boolean") else "category"

    @property
    def parts(self) -> tuple[str, ...]:
        """A name of each of its values in the model's layout, empty for the column itself."""
        if self.nature == "category":
            return self.levels
        return ("",) if self.dates is None else self.dates.parts

    @property
    def width(self) -> int:
        """The number of its values in the model's layout."""
        return len(self.parts)

    @property
    def whole(self) -> bool:
        """Whether its cells are integers."""
        return bool(self.levels) or self.dtype.lower().startswith(("int", "uint"))

    def show(self, code: float, digits: int = 4) -> str:
        """A cell as the file would write it: a number with so many digits, a date, or a word."""
        if self.nature == "number":
            return self.notation.show(code, digits)
        return str(cells(np.array([code]), self).tolist()[0])

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Column:
        # Runs of earlier versions have no "rest", no "dates" and no "notation".
        dates = Dates.from_json(record["dates"]) if record.get("dates") else None
        levels = tuple(record["levels"])
        notation = Notation.from_json(record.get("notation", ()))
        column = cls(record["name"], record["dtype"], levels, record.get("rest", ""), dates, notation)
        texts = (column.name, column.dtype, column.rest, *column.levels)
        if not set(record) <= set(asdict(column)) or not all(isinstance(text, str) for text in texts):
            raise InputError(f"{record!r} does not describe a column of a table.")
        if column.rest and column.rest not in column.levels:
            raise InputError(f"The column {column.name!r} has no level {column.rest!r} for the rest.")
        if column.nature == "boolean" and len(column.levels) != 2:
            raise InputError(f"The column {column.name!r} is boolean and has {len(column.levels)} words.")
        return column


def model_order(columns: Sequence[Column]) -> list[int]:
    """The indices of the columns in the model's order: numbers, dates, booleans, categories."""
    rank = {"number": 0, "date": 1, "boolean": 2, "category": 3}
    return sorted(range(len(columns)), key=lambda j: rank[columns[j].nature])


def default_names(n: int) -> tuple[str, ...]:
    """Names for `n` columns without names: x0, x1 and so on."""
    return tuple(f"x{i}" for i in range(n))


def value_names(columns: Sequence[Column]) -> list[str]:
    """A name for each value of a table in the model's layout: the column's, with the level or the part."""
    order = [columns[j] for j in model_order(columns)]
    return [f"{column.name}: {part}" if part else column.name for column in order for part in column.parts]


def check_levels(values: Array, columns: Sequence[Column]) -> None:
    """Refuse finite numbers of booleans and categories that are not the index of a level.

    Raises:
        InputError: with the column and the first such row.
    """
    for j, column in enumerate(columns):
        if column.levels:
            codes = values[:, j]
            bad = np.isfinite(codes) & ~np.isin(codes, np.arange(len(column.levels)))
            if bad.any():
                row = int(bad.argmax())
                raise InputError(
                    f"Row {row} has {codes[row]:g} in column {column.name!r}, which is not the number of "
                    f"one of its {len(column.levels)} words, counted from 0."
                )


def words(values: Array, columns: Sequence[Column]) -> dict[str, Array]:
    """The cells of `values (n, columns)` by column name, levels as words; None for a missing word."""
    return {column.name: cells(values[:, j], column) for j, column in enumerate(columns)}


def cells(codes: Array, column: Column) -> Array:
    """The cells of one column, `codes (n,)`: words where it has levels, dates, integers where possible."""
    if column.dates is not None:
        return np.array(column.dates.text(codes), dtype=object)
    if not column.levels:
        integers = column.whole and not np.isnan(codes).any()
        return codes.astype(np.int64) if integers else codes
    levels = np.array([*column.levels, None], dtype=object)
    return levels[np.where(np.isnan(codes), len(column.levels), codes).astype(np.intp)]
