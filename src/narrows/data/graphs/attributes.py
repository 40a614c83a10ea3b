"""Attributes of nodes as the columns of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from narrows.data.tables.cells import Cells, text_cells
from narrows.data.tables.table import Table


def table_of(nodes: Sequence[Mapping[str, Any]], name: str) -> Table:
    """The attributes of nodes as a table called `name`; lists and other objects are left out.

    A column is of numbers if all of its cells are, else of words; None and NaN are missing.
    """
    names = list(dict.fromkeys(str(key) for node in nodes for key in node))
    columns = {key: cells_of([node.get(key) for node in nodes]) for key in names}
    left = [key for key, cells in columns.items() if cells is None]
    kept = {key: cells for key, cells in columns.items() if cells is not None}
    notes = (f"Attributes of nodes that are no numbers or words are left out: {', '.join(left)}.",)
    places = [f"Node {i} of {name}" for i in range(len(nodes))]
    return Table(name, kept, places, notes=notes if left else ())


def cells_of(values: Sequence[Any]) -> Cells | None:
    """The cells of a column; None for objects that are no numbers, booleans or texts."""
    cells = [None if value is None or value != value else value for value in map(plain, values)]
    present = [cell for cell in cells if cell is not None]
    if not all(isinstance(cell, (Real, str)) for cell in present):
        return None
    if all(isinstance(cell, bool) for cell in present):
        return text_cells([None if cell is None else str(cell) for cell in cells], "bool")
    if any(isinstance(cell, (str, bool)) for cell in present):
        return text_cells([None if cell is None else str(cell) for cell in cells], "str")
    whole = len(present) == len(cells) and all(isinstance(cell, int) for cell in present)
    numbers = np.array([np.nan if cell is None else cell for cell in cells], np.float64)
    return Cells(numbers, "int64" if whole else "float64")


def plain(value: Any) -> Any:
    """A scalar of numpy or torch as one of Python; others as they are."""
    scalar = hasattr(value, "item") and getattr(value, "ndim", 1) == 0
    return value.item() if scalar else value if isinstance(value, (Real, str, type(None))) else (value,)
