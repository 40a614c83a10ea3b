"""Rows that a run keeps as they came, so that others can be compared with them later.

Scores of anomalies are computed from these rows and the model, and nothing of the scores is stored: a later
version that knows a better one can use it on the runs that there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from narrows.data.examples import Data, draw_rows
from narrows.data.schema import Array
from narrows.data.split import Index

MOST_ROWS, MOST_BYTES = 5000, 2**24
"""Rows that are kept of a run's data, and their bytes, at the most."""

HELD_OUT = 0.2
"""The share of them that was held out of the fitting, where there are more than are kept."""


@dataclass(frozen=True, eq=False)
class Reference:
    """Rows as they came, `(k, *shape)` each.

    Attributes:
        train: that the model was trained on.
        validation: that its epoch was chosen on.
        held_out: of the held-out part.
    """

    train: Array
    validation: Array
    held_out: Array

    @classmethod
    def draw(cls, data: Data, train: Index, validation: Index, held_out: Data) -> Reference:
        """As many rows as are kept, drawn at random from each part of `data`."""
        size = max(1, data.source.dtype.itemsize * int(np.prod(data.schema.shape)))
        most = max(8, min(MOST_ROWS, MOST_BYTES // size))
        aside = min(len(held_out), max(round(HELD_OUT * most), most - len(train) - len(validation)))
        inside = most - aside
        chosen = min(len(validation), max(1, round(HELD_OUT * inside)))
        return cls(
            data.rows(train[draw_rows(len(train), inside - chosen)]).array,
            data.rows(validation[draw_rows(len(validation), chosen)]).array,
            held_out.rows(draw_rows(len(held_out), aside)).array,
        )
