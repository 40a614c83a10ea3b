"""Cells of new rows that a model was not fitted to: words that never occurred, and text among numbers.

Such a cell is missing. For a detector it is infinite, further than any number, so that it is what makes its
row unusual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from narrows.core.errors import few
from narrows.data.columns import Array

Use = Literal["missing", "far"]
"""What an unknown cell counts as: a missing one, or one that is far from all others."""

SHOWN_WORDS, SHOWN_COLUMNS = 3, 5
"""Words of a column, and columns, that a warning names at the most."""


class Unknown(NamedTuple):
    """The unknown cells of a column: its name, their rows, and their words."""

    column: str
    rows: Sequence[int]
    words: Sequence[str]

    def __str__(self) -> str:
        words = few([repr(word) for word, _ in Counter(self.words).most_common()], SHOWN_WORDS)
        cells = f"{len(self.rows):,} cell{'s' if len(self.rows) > 1 else ''}"
        return f"{self.column!r} in {cells} ({words})"


class Recognised(NamedTuple):
    """New rows as numbers, and their unknown cells.

    Attributes:
        values: `(rows, columns)`, NaN where a cell is missing or unknown.
        unknown: by the number of the column; columns without unknown cells are left out.
    """

    values: Array
    unknown: dict[int, Unknown]

    def used_as(self, use: Use) -> Array:
        """`values`; with the use "far" unknown cells are infinite."""
        values = self.values.copy()
        for j, cells in self.unknown.items() if use == "far" else ():
            values[cells.rows, j] = np.inf
        return values

    def warnings(self, name: str, use: Use) -> tuple[str, ...]:
        """A sentence about the unknown cells of the data called `name`, if there are any."""
        if not self.unknown:
            return ()
        columns = few([str(cells) for cells in self.unknown.values()], SHOWN_COLUMNS)
        counts = "count as missing" if use == "missing" else "are scored as far from all others"
        return (f"{name} holds words that the model was not fitted to, which {counts}: {columns}.",)
