"""The columns of a table: numbers, booleans and categories.

A table has one number per cell: 0 or 1 for a boolean, the index of its level for a category. In the
model's layout a category is one-hot, one value per level; numbers come first, then booleans, then
categories.
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
        name: as in the file.
        dtype: of its cells in the file: numpy's or pandas' name, "str" for text.
        levels: of a category its distinct words, sorted; of a boolean the words for false and true.
        rest: of a category with many words the level that stands for all others; else empty.
    """

    name: str
    dtype: str = "float64"
    levels: tuple[str, ...] = ()
    rest: str = ""

    @property
    def nature(self) -> Nature:
        if not self.levels:
            return "number"
        return "boolean" if self.dtype in ("bool", "boolean") else "category"

    @property
    def width(self) -> int:
        """The number of its values in the model's layout."""
        return len(self.levels) if self.nature == "category" else 1

    @property
    def whole(self) -> bool:
        """Whether its cells are integers."""
        return bool(self.levels) or self.dtype.lower().startswith(("int", "uint"))

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Column:
        column = cls(record["name"], record["dtype"], tuple(record["levels"]), record.get("rest", ""))
        texts = (column.name, column.dtype, *column.levels)
        # Runs of earlier versions lack what was added since.
        known = {**asdict(column), **record} == {**asdict(column), "levels": record["levels"]}
        if not known or not all(isinstance(text, str) for text in texts):
            raise InputError(f"{record!r} does not describe a column of a table.")
        if column.rest and column.rest not in column.levels:
            raise InputError(f"The column {column.name!r} has no level {column.rest!r} for the rest.")
        if column.nature == "boolean" and len(column.levels) != 2:
            raise InputError(f"The column {column.name!r} is boolean and has {len(column.levels)} words.")
        return column


def model_order(columns: Sequence[Column]) -> list[int]:
    """The indices of the columns in the model's order: numbers, booleans, categories."""
    rank = {"number": 0, "boolean": 1, "category": 2}
    return sorted(range(len(columns)), key=lambda j: rank[columns[j].nature])


def default_names(n: int) -> tuple[str, ...]:
    """Names for `n` columns without names: x0, x1 and so on."""
    return tuple(f"x{i}" for i in range(n))


def value_names(columns: Sequence[Column]) -> list[str]:
    """A name for each value of a table in the model's layout: the column's, for a category with the level."""
    order = [columns[j] for j in model_order(columns)]
    return [
        f"{column.name}: {level}" if level else column.name
        for column in order
        for level in (column.levels if column.nature == "category" else ("",))
    ]


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
    """The cells of one column, `codes (n,)`: words where it has levels, integers where possible."""
    if not column.levels:
        integers = column.whole and not np.isnan(codes).any()
        return codes.astype(np.int64) if integers else codes
    levels = np.array([*column.levels, None], dtype=object)
    return levels[np.where(np.isnan(codes), len(column.levels), codes).astype(np.intp)]
