"""The columns of a table: numbers, booleans and categories.

A table has one number per cell: of a boolean 0 or 1, of a category the place of its word among the
column's levels. The model sees a category as one value per level (one-hot); numbers come first,
then booleans, then categories, so that each nature is one block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError

Array = NDArray[Any]

Nature = Literal["number", "boolean", "category"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: as the file says.
        dtype: of its cells as they came: numpy's or pandas' name, "str" for words of a text file.
        levels: of a category its words, of a boolean the word for no and the one for yes.
    """

    name: str
    dtype: str = "float64"
    levels: tuple[str, ...] = ()

    @property
    def nature(self) -> Nature:
        if not self.levels:
            return "number"
        return "boolean" if self.dtype in ("bool", "boolean") else "category"

    @property
    def width(self) -> int:
        """How many values it has in the model's layout."""
        return len(self.levels) if self.nature == "category" else 1

    @property
    def whole(self) -> bool:
        """Whether its cells are whole numbers."""
        return bool(self.levels) or self.dtype.lower().startswith(("int", "uint"))

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Column:
        column = cls(record["name"], record["dtype"], tuple(record["levels"]))
        texts = (column.name, column.dtype, *column.levels)
        if record != {**asdict(column), "levels": record["levels"]} or not all(
            isinstance(text, str) for text in texts
        ):
            raise InputError(f"No column of a table is {record!r}.")
        if column.nature == "boolean" and len(column.levels) != 2:
            raise InputError(f"The column {column.name!r} is boolean and has {len(column.levels)} words.")
        return column


def model_order(columns: Sequence[Column]) -> list[int]:
    """The numbers of the columns in the model's order: numbers, booleans, categories."""
    rank = {"number": 0, "boolean": 1, "category": 2}
    return sorted(range(len(columns)), key=lambda j: rank[columns[j].nature])


def numbered(n: int) -> tuple[str, ...]:
    """Names for columns that have none: x0, x1 and so on."""
    return tuple(f"x{i}" for i in range(n))


def value_names(columns: Sequence[Column]) -> list[str]:
    """A name for each value of a table in the model's layout: the column's, with the word if any."""
    order = [columns[j] for j in model_order(columns)]
    return [
        f"{column.name}: {word}" if word else column.name
        for column in order
        for word in (column.levels if column.nature == "category" else ("",))
    ]


def check_levels(values: Array, columns: Sequence[Column]) -> None:
    """Refuse numbers that stand for no word of their column.

    Raises:
        InputError: naming the column and the first such row.
    """
    for j, column in enumerate(columns):
        if column.levels:
            codes = values[:, j]
            bad = ~np.isnan(codes) & ~np.isin(codes, np.arange(len(column.levels)))
            if bad.any():
                row = int(bad.argmax())
                raise InputError(
                    f"Row {row} has {codes[row]:g} in column {column.name!r}, which stands for none of its "
                    f"{len(column.levels)} words."
                )


def words(values: Array, columns: Sequence[Column]) -> dict[str, Array]:
    """The cells of `values (n, columns)` as they were written, by column; None where one is missing."""
    return {column.name: cells(values[:, j], column) for j, column in enumerate(columns)}


def cells(codes: Array, column: Column) -> Array:
    if not column.levels:
        whole = column.whole and not np.isnan(codes).any()
        return codes.astype(np.int64) if whole else codes
    names = np.array([*column.levels, None], dtype=object)
    return names[np.where(np.isnan(codes), len(column.levels), codes).astype(np.intp)]
