"""Name the rows that hold most of an error, each with the cell that deviates most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from narrows.data.columns import model_order
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.errors import Errors
from narrows.evaluation.outlying import OutlyingRows

MAIN = 0.5
"""The share of a row's squared deviation that a column holds which is named."""


def outlying_rows(
    data: Data,
    numbers: Index,
    rows: Index,
    deviations: Array,
    errors: Sequence[Errors | None],
    places: Index | None = None,
) -> OutlyingRows:
    """The record of the outlying `rows`.

    Args:
        data: the part that they belong to.
        numbers: the number of each of its rows, for those without a name.
        rows: their indices in the part.
        deviations: of each of `rows` from the training mean, `(rows, values)` on the model's scale.
        errors: of the model, and of its yardstick if there is one, on all rows of which `rows` outlie.
        places: the numbers of `rows` among these, if they are others.
    """
    names = tuple(
        named(data, int(row), int(numbers[row])) + main_cell(data, int(row), deviation)
        for row, deviation in zip(rows, deviations, strict=True)
    )
    among = rows if places is None else places
    shares = [e and float(e.squared[among].sum() / max(e.squared.sum(), 1e-300)) for e in errors]
    assert shares[0] is not None
    return OutlyingRows(names, shares[0], shares[1])


def named(data: Data, row: int, number: int) -> str:
    """A row by its name, or by its number from 0."""
    return f"row {data.ids[row]}" if data.ids else f"row {number}"


def main_cell(data: Data, row: int, deviation: Array) -> str:
    """The cell that holds most of the deviation of a row of a table; nothing where none does."""
    schema = data.schema
    if schema.starts is None:
        return ""
    squared = np.add.reduceat(np.nan_to_num(deviation.astype(np.float64)) ** 2, schema.starts)
    if squared.max() < MAIN * squared.sum():
        return ""
    j = model_order(schema.columns)[int(squared.argmax())]
    column = schema.columns[j]
    return f" ({column.name} = {column.show(data.array[row, j], 6)})"
