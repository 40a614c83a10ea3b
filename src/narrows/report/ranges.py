"""Ranges of axes that a few values far out do not stretch, as `usualExtent` of `explorer/src/view.ts`."""

from __future__ import annotations

import numpy as np

from narrows.data.schema import Array

MIDDLE = 0.95
"""The share of the values whose range decides which are far: those outside of it by more than its length."""

LONGER = 2.0
"""How many times as long the far values make an axis at least, where they are left out."""


def usual_range(values: Array) -> tuple[float, float]:
    """The range of `values (n,)`, without a few far ones that would make it much longer.

    >>> usual_range(np.array([*range(40), 5000.0]))
    (0.0, 39.0)
    """
    present = values[np.isfinite(values)].astype(np.float64)
    if not len(present):
        return 0.0, 1.0
    low = np.quantile(present, (1 - MIDDLE) / 2, method="higher")
    high = np.quantile(present, (1 + MIDDLE) / 2, method="lower")
    near = present[(present >= 2 * low - high) & (present <= 2 * high - low)]
    shortened = high > low and np.ptp(present) >= LONGER * np.ptp(near)
    kept = near if shortened else present
    return float(kept.min()), float(kept.max())


MARGIN = 0.05
"""How far from the others far points are drawn, as a share of the range."""


def at_border(plane: Array) -> tuple[Array, Array]:
    """Points `(n, 2)` with the few far ones moved to the border, and which of them these are, `(n,)`."""
    low, high = np.array([usual_range(column) for column in plane.T]).T
    far = ((plane < low) | (plane > high)).any(axis=1)
    margin = MARGIN * (high - low)
    return np.clip(plane, low - margin, high + margin), far
