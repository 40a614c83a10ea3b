"""Cells that are further from the training part than any number: the anomaly of their row.

These are infinite ones, as a word that its column never had (`narrows.data.tables.unknown`), and numbers
beyond the range that the model takes. A row is scored without them, and with the ends or rare words of their
columns in their place. The largest of these and of the held-out scores counts, and each far cell adds `EACH`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.data.checks import real
from narrows.data.columns import Column
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.runs.run import Run
from narrows.runs.scaler import MAX_SCALED

EACH = 1.0
"""What each far cell adds to the score of its row."""

MOST_WORDS = 20
"""Words of a column that are put in the place of a far cell, at the most."""


class FarCells(NamedTuple):
    """Rows and their far cells.

    Attributes:
        rows: `(n, …)` as they came; a far cell is missing.
        cells: which cells are far, `(n, …)`.
    """

    rows: Array
    cells: NDArray[np.bool_]

    @classmethod
    def of(cls, run: Run, values: Array) -> FarCells:
        """The far cells of `values (n, …)`; none of data without columns.

        Raises:
            InputError: for values that are no examples of the run.
        """
        values = real(values, "The data")
        run.schema.check(values)
        if not (run.schema.columns and values.dtype.kind == "f"):
            return cls(values, np.zeros(values.shape, dtype=np.bool_))
        rows = np.where(np.isinf(values), np.nan, values)
        scaled = run.scaling(torch.as_tensor(run.schema.arrange(rows))).abs() > MAX_SCALED
        cells = np.isinf(values) | (run.schema.by_part(scaled.numpy()) > 0)
        return cls(np.where(cells, np.nan, rows), cells)

    @property
    def counts(self) -> NDArray[np.intp]:
        """The number of far cells of each row, `(n,)`."""
        return self.cells.reshape(len(self.cells), -1).sum(axis=1)

    def scores(
        self,
        scores: Floats,
        score: Callable[[Array], Floats],
        instead: Floats,
        least: Callable[[], float],
    ) -> Floats:
        """Scores `(n,)` of the rows with their far cells.

        Args:
            scores: of `rows`, `(n,)`.
            score: the scores of rows without far cells.
            instead: values `(k, columns)` that are put in the place of far cells, one row after the other.
            least: what the score of a row with a far cell exceeds.
        """
        scores, far = scores.copy(), np.flatnonzero(self.counts)
        if len(far):
            replaced = [score(np.where(self.cells[far], row, self.rows[far])) for row in instead]
            raised = np.max([scores[far], *replaced], axis=0)
            scores[far] = np.maximum(raised, least()) + EACH * self.counts[far]
        return scores

    def attributed(self, contributions: Floats, scores: Floats) -> Floats:
        """`contributions (n, …)` of rows without far cells, which get the rest of `scores (n,)`."""
        if not self.cells.any():
            return contributions
        rest = (scores - contributions.sum(axis=1)) / np.maximum(self.counts, 1)
        return contributions + np.where(self.cells, rest[:, None], 0.0)


def extremes(columns: tuple[Column, ...], rows: Array) -> Floats:
    """The values that a row is scored with in the place of its far cells.

    Args:
        columns: of the table.
        rows: reference rows `(m, columns)`.

    Returns:
        `(k, columns)`: of each column the least and the largest number, or its rarest words; the last one is
        repeated in columns that have fewer than others.
    """
    found = [extremes_of(rows[:, j], len(column.levels)) for j, column in enumerate(columns)]
    length = max(map(len, found), default=0)
    padded = [np.pad(each, (0, length - len(each)), mode="edge") for each in found]
    return np.stack(padded, axis=1) if padded else np.empty((0, 0))


def extremes_of(cells: Array, levels: int) -> Floats:
    """The ends of the numbers `cells (m,)`, or the rarest of their `levels`, the rarest first."""
    present = cells[~np.isnan(cells)]
    if not levels:
        return np.array([present.min(), present.max()]) if len(present) else np.array([np.nan])
    counts = np.bincount(present.astype(np.intp), minlength=levels)
    return np.argsort(counts, kind="stable")[:MOST_WORDS].astype(np.float64)
