"""Reference rows: rows that a run keeps, with which anomaly scores compare other rows.

Scores are computed from these rows and the model, and are not stored, so that a later version can compute
better scores for existing runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from narrows.data.examples import Data, draw_rows
from narrows.data.schema import Array
from narrows.data.split import Index

MOST_ROWS, MOST_BYTES = 5000, 2**24
"""The largest number of reference rows, and of their bytes."""

HELD_OUT = 0.2
"""The share of held-out rows among them, and of validation rows among the others, if there are enough."""


@dataclass(frozen=True, eq=False)
class Reference:
    """Rows of each part, `(k, *shape)`, not scaled.

    Attributes:
        train: of the training part.
        validation: of the validation part.
        held_out: of the held-out part.
    """

    train: Array
    validation: Array
    held_out: Array

    @property
    def known(self) -> Array:
        """The rows of the training and of the validation part, in that order."""
        return np.concatenate([self.train, self.validation])

    @classmethod
    def draw(cls, data: Data, train: Index, validation: Index, held_out: Data) -> Reference:
        """Reference rows drawn at random.

        Args:
            data: all rows but those of a test part.
            train: numbers of the training rows.
            validation: numbers of the validation rows.
            held_out: the held-out rows.
        """
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
