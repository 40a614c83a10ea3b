"""Squared errors of reconstructions: of each row, and of each column of a table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.memory import rows_at_once
from narrows.data.schema import Array

Floats = NDArray[np.float64]


class Errors(NamedTuple):
    """Squared errors of each row, summed over its observed values, and how many those are."""

    squared: Floats
    values: Floats

    @property
    def per_value(self) -> Floats:
        """Mean squared error per value of each row; 0 of a row without any."""
        return self.squared / np.maximum(self.values, 1)

    @property
    def mse(self) -> float:
        """Mean squared error per value."""
        return float(self.squared.sum() / self.values.sum())

    def times(self, unit: float) -> Errors:
        """The same errors in another unit."""
        return Errors(self.squared * unit, self.values)


def means(x: Array) -> Array:
    """The mean of the observed values of each column of `x (n, values)`, `(values,)`; 0 where none is."""
    seen = ~np.isnan(x)
    counts = np.maximum(seen.sum(axis=0), 1)
    return np.asarray(np.where(seen, x, 0).sum(axis=0, dtype=np.float64) / counts).astype(x.dtype)


def errors(x: Array, reconstruction: Array, starts: NDArray[np.intp] | None = None) -> Errors:
    """Of each row of `x (n, values)`, over the values that are not NaN.

    `starts` says where each column of a table begins, if a column has several values: these count
    as one, with the sum of their squares.
    """
    step = rows_at_once(x.shape[1])
    pieces = [slice(first, first + step) for first in range(0, len(x), step)]
    squared = [
        np.nansum((np.asarray(reconstruction[rows], dtype=np.float64) - x[rows]) ** 2, axis=1)
        for rows in pieces
    ]
    seen = ~np.isnan(x if starts is None else x[:, starts])
    return Errors(np.concatenate([np.empty(0), *squared]), seen.sum(axis=1).astype(np.float64))


def column_errors(x: Array, reconstruction: Array, starts: NDArray[np.intp]) -> Floats:
    """Mean squared error of each column of a table, as `errors` counts; NaN where none was observed."""
    difference = np.asarray(reconstruction, dtype=np.float64) - x
    squared = np.add.reduceat(np.nansum(difference**2, axis=0), starts)
    seen = (~np.isnan(x[:, starts])).sum(axis=0)
    return np.asarray(np.where(seen, squared / np.maximum(seen, 1), np.nan), dtype=np.float64)


def explained_variance(x: Array, guess: Array, starts: NDArray[np.intp] | None) -> float:
    """1 - Σ(x - guess)² / Σ(x - mean)² over the observed values of `x (n, values)`.

    Args:
        x: on the model's scale; NaN where a cell is missing.
        guess: `(n, values)`.
        starts: where each column of a table begins.
    """
    found = errors(x, guess, starts)
    spread = errors(x, np.broadcast_to(means(x), x.shape), starts)
    if not spread.mse:
        return 1.0 if found.mse < 1e-12 else 0.0
    return 1 - found.mse / spread.mse
