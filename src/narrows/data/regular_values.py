"""Whether values lie on a regular grid, such as whole numbers or 255ths, whatever type they are stored in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.core.records import Grid
from narrows.data.columns import Array

MOST_LEVELS = 2**16
"""Steps of a grid, at the most: those of 16 bits."""

NEAR = 0.02
"""How far values may lie from the grid, in steps: further than rounding of float32 moves them."""

SAMPLE = 10_000
"""Values that a grid is looked for in first."""

AT_ONCE = 2**20
"""Values that are compared with a grid at a time."""


def regular(values: Array) -> Grid | None:
    """The grid of the largest step that all `values` lie on, from the lowest to the highest of them.

    Returns:
        In the unit of the data; None for values on no grid of up to `MOST_LEVELS` steps.
    """
    flat = values.ravel(order="K")
    found = grid_of(np.unique(flat[:: max(1, flat.size // SAMPLE)]))
    every_whole = values.dtype.kind in "bui" and found is not None and found.step == 1
    if found is not None and not every_whole and not lies_on(found, flat):
        found = grid_of(np.unique(flat))
    return None if found is None else widened(found, float(flat.min()), float(flat.max()))


def grid_of(different: Array) -> Grid | None:
    """The grid of `different` values in growing order, `(k,)`; None for one with too many steps.

    The step is a common divisor of all differences, by Euclid's algorithm for all at once.
    """
    x = different.astype(np.float64)
    span = x[-1] - x[0]
    rest = np.diff(x)
    if not len(rest) or not np.isfinite(span):
        return None
    step = rest.min()
    while step * MOST_LEVELS > span:
        off = np.abs(rest - np.rint(rest / step) * step)
        if (off < NEAR * step).all():
            steps = round(span / step)
            return Grid(float(x[0]), float(span / steps), steps + 1) if steps < MOST_LEVELS else None
        step = off[off >= NEAR * step].min()
    return None


def lies_on(grid: Grid, flat: Array) -> bool:
    """Whether all values `flat (n,)` lie on the grid, or its continuation."""
    blocks = (flat[start : start + AT_ONCE] for start in range(0, len(flat), AT_ONCE))
    return all(places(grid, block) is not None for block in blocks)


def widened(grid: Grid, low: float, high: float) -> Grid | None:
    """The same grid from `low` to `high`, which lie on it; None if it has too many steps."""
    steps = round((high - low) / grid.step)
    return Grid(low, (high - low) / steps, steps + 1) if steps < MOST_LEVELS else None


def places(grid: Grid, values: Array) -> NDArray[np.int64] | None:
    """How many steps above the grid's lowest value `values` of any shape lie; None if some are not on it."""
    place = (values.astype(np.float64) - grid.low) / grid.step
    whole = np.rint(place)
    on_grid = (np.abs(place - whole) < NEAR).all() and np.abs(whole).max() < 2**52
    return whole.astype(np.int64) if on_grid else None


def at_places(grid: Grid, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """The values so many steps above the lowest: whole numbers over one number where the grid allows it.

    >>> at_places(Grid(0.1, 0.1, 11), np.array([2]))  # and not 0.1 + 2 · 0.1
    array([0.3])
    """
    per_one = round(1 / grid.step) if grid.step < 2**40 else 0
    start = round(grid.low / grid.step)
    whole = abs(start) < 2**40 and abs(grid.low / grid.step - start) < NEAR
    if whole and per_one and abs(per_one * grid.step - 1) < NEAR / MOST_LEVELS:
        return np.asarray((start + numbers) / per_one)
    return np.asarray(grid.low + numbers * grid.step)
