"""Ways to look at rows before they are compared with others.

Values that have units of their own, as the columns of a table have, are looked at each in its own range.
Values that share one and have neighbours, as pixels have, and the columns of a trace or a spectrum, are
looked at twice: blurred by a step, as a shift by one is no oddity; and as slopes by direction, all of a row
of length 1 together, so that what is fainter or brighter is not what is otherwise shaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array, Schema

Floats = NDArray[np.float64]

TAIL = 0.01
"""The share of the rows on either side that lies outside the range by which a column is measured."""

NORMAL_RANGE = 4.65
"""That range of a normal distribution, in standard deviations."""

BLUR, STEEP = 1.0, 1.5
"""Standard deviations, in pixels, by which rows and their slopes are blurred."""

STRIDE = 2
"""Every such slope is kept of those that are blurred."""

FAINT = 0.1
"""Slopes weaker than this share of what is usual are not brought to length 1."""

FEWEST, ALIKE = 16, 0.5
"""Columns that may be a trace at the least, and how unlike neighbours are at the most; 1 is without order."""


class View(Protocol):
    """One way to look at rows."""

    def __call__(self, rows: Floats) -> Floats:
        """What is compared of `rows (n, values)` on the model's scale, `(n, features)`."""

    def by_value(self, made: Floats) -> Floats:
        """Of amounts by feature `(n, features)` those by value `(n, values)`, which have the same sums."""


def views(schema: Schema, kept: Array, rows: Floats) -> tuple[View, ...]:
    """How rows of `schema` are looked at.

    Args:
        schema: of the data.
        kept: `(m, …)`, the rows to compare with, as they came.
        rows: `(m, values)`, the same on the model's scale.
    """
    values = rows.shape[1]
    if schema.spatial:
        sizes = schema.model_shape[-schema.spatial :]
        shape, common = (values // prod(sizes), *sizes), Line(np.ones(values), np.zeros(values))
    elif follow(schema, rows):
        shape, common = (1, values), as_they_came(kept, rows)
    else:
        return (InRange(rows),)
    return Blurred(shape, common), Slopes(shape, common, rows)


class Line(NamedTuple):
    """x ↦ unit · x + offset, from the model's scale of each value to one that all share, `(values,)`."""

    unit: Floats
    offset: Floats

    def __call__(self, rows: Floats) -> Floats:
        return rows * self.unit + self.offset


def as_they_came(kept: Array, rows: Floats) -> Line:
    """The way back from the model's scale; where that is bent it is the straight line nearest to it."""
    spread = rows.std(axis=0)
    unit = np.where(
        spread > 0, np.nan_to_num(np.nanstd(kept, axis=0)) / np.where(spread > 0, spread, 1.0), 1.0
    )
    return Line(unit, np.nan_to_num(np.nanmean(kept, axis=0)) - unit * rows.mean(axis=0))


class InRange:
    """Each value in units of the range that holds all but the tails of it.

    Where nearly all of a value are the same, it is the range that a normal one of their spread would have.
    """

    def __init__(self, rows: Floats) -> None:
        low, high = np.quantile(rows, [TAIL, 1 - TAIL], axis=0)
        spread = rows.std(axis=0)
        self.unit = np.where(high > low, high - low, np.where(spread > 0, NORMAL_RANGE * spread, 1.0))

    def __call__(self, rows: Floats) -> Floats:
        return rows / self.unit

    def by_value(self, made: Floats) -> Floats:
        return made


class Blurred:
    """Values of `shape (channels, …)` blurred along all axes but the first.

    Args:
        shape: (channels, …).
        common: brings the values to the scale that they share.
    """

    def __init__(self, shape: Sequence[int], common: Line) -> None:
        self.shape, self.common = shape, common

    def __call__(self, rows: Floats) -> Floats:
        return flat(smooth(self.common(rows).reshape(-1, *self.shape), BLUR))

    def by_value(self, made: Floats) -> Floats:
        return made


class Slopes:
    """Rises and falls along each axis but the first, blurred; of each row of length 1 together.

    Args:
        shape: (channels, …).
        common: brings the values to the scale that they share.
        rows: `(m, values)`, which say what length is usual.
    """

    def __init__(self, shape: Sequence[int], common: Line, rows: Floats) -> None:
        self.shape, self.common = shape, common
        self.axes = [axis for axis, size in enumerate(shape[1:], 2) if size > 1]
        self.kept: Any = (..., *(slice(None, None, STRIDE) for _ in shape[1:]))
        self.faint = FAINT * float(np.median(np.linalg.norm(self.slopes(rows), axis=1))) or 1e-12

    def __call__(self, rows: Floats) -> Floats:
        slopes = self.slopes(rows)
        return slopes / np.maximum(np.linalg.norm(slopes, axis=1), self.faint)[:, None]

    def slopes(self, rows: Floats) -> Floats:
        """Not yet of length 1, `(n, directions · channels · …)`."""
        shaped = self.common(rows).reshape(-1, *self.shape)
        along = [np.gradient(shaped, axis=axis) for axis in self.axes]
        ways = [np.maximum(way, 0.0) for slope in along for way in (slope, -slope)]
        return np.hstack([flat(smooth(way, STEEP)[self.kept]) for way in ways or [shaped]])

    def by_value(self, made: Floats) -> Floats:
        """Spread as the blur gathered."""
        spread = np.zeros((len(made), *self.shape))
        spread[self.kept] = made.reshape(len(made), -1, *spread[self.kept].shape[1:]).sum(axis=1)
        return flat(smooth(spread, STEEP))


def smooth(values: Floats, sigma: float) -> Floats:
    """`values (n, channels, …)` blurred along all but the first two axes, with the same sums."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(values, (0, 0, *[sigma] * (values.ndim - 2)), mode="reflect"))


def flat(values: Floats) -> Floats:
    return values.reshape(len(values), -1)


def follow(schema: Schema, rows: Floats) -> bool:
    """Whether the columns of a table follow one another, as the values of a trace or a spectrum do.

    Neighbouring ones are then alike: von Neumann's ratio (1941, Annals of Mathematical Statistics 12), the
    mean squared difference of neighbours over twice the variance, is far below the 1 of values without order.
    """
    if schema.worded or rows.shape[1] < FEWEST:
        return False
    spread = rows.std(axis=0)
    steady = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    ratio = (np.diff(steady, axis=1) ** 2).mean(axis=1) / (2 * steady.var(axis=1) + 1e-12)
    return bool(np.median(ratio) < ALIKE)
