"""Fill in the missing values of examples without columns, as sequences, by their reconstruction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.data.schema import Array, Schema
from narrows.runs.scaler import Scaled

Floats = NDArray[np.float64]

ROUNDS, STILL = 20, 1e-3
"""How often a gap is filled in, at the most, and the change on the model's scale that ends it before."""


class Gaps:
    """Fills in missing values, by the reconstruction of what is there; rows are as of `Imputer`.

    A reconstruction is drawn to what stands in for the missing values, so it is made again of the row that
    was filled in, until it stays. For a linear model that gives the least squares on the values that are
    there (Kiers 1997, "Weighted least squares fitting using ordinary least squares algorithms", Psychometrika
    62).

    Args:
        schema: of data without columns.
        reconstruct: reconstructions, flat, of rows.
    """

    def __init__(self, schema: Schema, reconstruct: Callable[[Scaled], Array]) -> None:
        self.schema, self.reconstruct = schema, reconstruct

    def __call__(self, rows: Floats) -> Floats:
        """`rows (n, values)` with their reconstruction where a value is missing."""
        return np.where(np.isnan(rows), self._reconstruction(rows), rows)

    def completed(self, rows: Floats) -> tuple[Floats, Floats]:
        """Complete rows and reconstructions, which are equal where a value is missing.

        Behind the end of a sequence both are 0, the mean of the training part.
        """
        made = np.nan_to_num(self._ended(rows, self._reconstruction(rows)))
        return np.where(np.isnan(rows), made, rows), made

    def _reconstruction(self, rows: Floats) -> Floats:
        """The reconstructions of `rows (n, values)`, their gaps filled in with them."""
        made = self._once(rows)
        gaps = np.isnan(rows) & ~np.isnan(self._ended(rows, made))
        moving = np.flatnonzero(gaps.any(axis=1))
        for _ in range(ROUNDS):
            if not len(moving):
                break
            before, inside = made[moving], gaps[moving]
            made[moving] = self._once(np.where(inside, before, rows[moving]))
            change = np.abs(made[moving] - before).max(axis=1, where=inside, initial=0.0)
            moving = moving[change > STILL]
        return made

    def _once(self, rows: Floats) -> Floats:
        x = rows.astype(np.float32).reshape(-1, *self.schema.model_shape)
        return self.reconstruct(Scaled(x, self.schema)).astype(np.float64)

    def _ended(self, rows: Floats, made: Floats) -> Floats:
        """`made (n, values)` with NaN where the example in `rows` has ended."""
        shape = (-1, *self.schema.model_shape)
        batch = self.schema.collate(torch.as_tensor(rows.reshape(shape)), complete=False)
        values = self.schema.from_model(torch.as_tensor(made.reshape(shape)))
        return self.schema.to_model(self.schema.ended(values, batch.context)).flatten(1).numpy()
