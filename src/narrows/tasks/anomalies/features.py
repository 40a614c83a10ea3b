"""The features by which rows are compared with reference rows.

Columns of a table have different units: each is divided by its range, or by its standard deviation. All
levels of a category are divided by the same number, so that a rare word is not further than a common one.
Values that share a unit and have neighbours, as pixels, traces and spectra have, are compared by two sets of
features. Blurred values change little under a shift by one step. Oriented gradients, normalised for each row,
do not depend on brightness or contrast (after Dalal & Triggs 2005, "Histograms of oriented gradients for
human detection", CVPR).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from narrows.data.kinds.shared_unit import MAX_RATIO, MIN_COLUMNS
from narrows.data.kinds.statistics import neighbour_ratio
from narrows.data.schema import Array, Schema
from narrows.evaluation.errors import Floats

TAIL = 0.01
"""The share of the rows below, and of those above, the range by which a column is divided."""

NORMAL_RANGE = 4.65
"""The range between these quantiles for a normal distribution, in standard deviations."""

VALUE_BLUR, GRADIENT_BLUR = 1.0, 1.5
"""Standard deviations of the Gaussian blur of values and of gradients, in pixels."""

STRIDE = 2
"""Blurred gradients are subsampled by this factor along each axis."""

MIN_NORM = 0.1
"""Gradients are normalised to length 1, but divided at least by this share of the median norm."""


class FeatureMap(Protocol):
    """One set of features of rows."""

    common_unit: bool
    """Whether all features have the same unit."""

    def __call__(self, rows: Floats) -> Floats:
        """The features `(n, features)` of `rows (n, values)` on the model's scale."""

    def to_values(self, amounts: Floats) -> Floats:
        """Amounts of features `(n, features)` divided among values, `(n, values)`; sums stay the same."""


def neighbouring(schema: Schema, reference: Array, rows: Floats) -> tuple[FeatureMap, ...]:
    """The sets of features of values that have neighbours; none where they have not.

    Args:
        schema: of the data.
        reference: `(m, …)`, the reference rows as they came.
        rows: `(m, values)`, the same on the model's scale.
    """
    values = rows.shape[1]
    if schema.spatial:
        sizes = schema.model_shape[-schema.spatial :]
        shape, common = (values // prod(sizes), *sizes), Affine(np.ones(values), np.zeros(values))
    elif is_series(schema, rows):
        shape, common = (1, values), to_original_scale(reference, rows)
    else:
        return ()
    return Blurred(shape, common), OrientedGradients(shape, common, rows)


class Affine(NamedTuple):
    """x ↦ scale · x + offset for each value, `(values,)` both: from the model's scale to a common scale."""

    scale: Floats
    offset: Floats

    def __call__(self, rows: Floats) -> Floats:
        return rows * self.scale + self.offset


def to_original_scale(reference: Array, rows: Floats) -> Affine:
    """The map of the model's scale to the original that preserves each column's mean and deviation."""
    std = rows.std(axis=0)
    original = np.nan_to_num(np.nanstd(reference, axis=0))
    scale = np.where(std > 0, original / np.where(std > 0, std, 1.0), 1.0)
    return Affine(scale, np.nan_to_num(np.nanmean(reference, axis=0)) - scale * rows.mean(axis=0))


class Scaled:
    """Each value divided by a number of its own.

    Args:
        scale: `(values,)`.
    """

    common_unit = False

    def __init__(self, scale: Floats) -> None:
        self.scale = scale

    def __call__(self, rows: Floats) -> Floats:
        return rows / self.scale

    def to_values(self, amounts: Floats) -> Floats:
        return amounts


def range_scaled(rows: Floats, starts: NDArray[np.intp] | None = None) -> Scaled:
    """Each value of `rows (n, values)` divided by its range between the quantiles `TAIL` and 1 - `TAIL`.

    Where these are equal, and for categories, it is divided by the range of a normal distribution with its
    deviation.

    Args:
        rows: `(n, values)`.
        starts: where each column begins, if a column has several values.
    """
    low, high = np.quantile(rows, [TAIL, 1 - TAIL], axis=0)
    std, alone = deviations(rows, starts), widths(rows, starts) == 1
    return Scaled(np.where(alone & (high > low), high - low, NORMAL_RANGE * std))


def standardised(rows: Floats, starts: NDArray[np.intp] | None = None) -> Scaled:
    """Each value of `rows (n, values)` divided by its standard deviation; `starts` as of `range_scaled`."""
    return Scaled(deviations(rows, starts))


def widths(rows: Floats, starts: NDArray[np.intp] | None) -> NDArray[np.intp]:
    """The number of values in the column of each value, `(values,)`."""
    each = np.ones(rows.shape[1], dtype=np.intp)
    return each if starts is None else np.repeat(np.add.reduceat(each, starts), np.diff([*starts, len(each)]))


def deviations(rows: Floats, starts: NDArray[np.intp] | None) -> Floats:
    """The standard deviation of each value of `rows (n, values)`; that of a constant is 1 / `NORMAL_RANGE`.

    All levels of a category have the root of the sum of their variances.
    """
    variance = rows.var(axis=0)
    if starts is not None:
        variance = np.repeat(np.add.reduceat(variance, starts), np.diff([*starts, len(variance)]))
    return np.where(variance > 0, np.sqrt(variance), 1 / NORMAL_RANGE)


class Blurred:
    """Values of `shape (channels, …)`, blurred along all axes but the first.

    Args:
        shape: (channels, …).
        common: to the scale that all values share.
    """

    common_unit = True

    def __init__(self, shape: Sequence[int], common: Affine) -> None:
        self.shape, self.common = shape, common

    def __call__(self, rows: Floats) -> Floats:
        return flat(blur(self.common(rows).reshape(-1, *self.shape), VALUE_BLUR))

    def to_values(self, amounts: Floats) -> Floats:
        return amounts


class OrientedGradients:
    """Positive and negative gradients along each axis but the first, blurred, and normalised for each row.

    Args:
        shape: (channels, …).
        common: to the scale that all values share.
        rows: `(m, values)`, whose median norm is the reference for weak gradients.
    """

    common_unit = True

    def __init__(self, shape: Sequence[int], common: Affine, rows: Floats) -> None:
        self.shape, self.common = shape, common
        self.axes = [axis for axis, size in enumerate(shape[1:], 2) if size > 1]
        self.subsampled: Any = (..., *(slice(None, None, STRIDE) for _ in shape[1:]))
        self.min_norm = MIN_NORM * float(np.median(np.linalg.norm(self.gradients(rows), axis=1))) or 1e-12

    def __call__(self, rows: Floats) -> Floats:
        gradients = self.gradients(rows)
        return gradients / np.maximum(np.linalg.norm(gradients, axis=1), self.min_norm)[:, None]

    def gradients(self, rows: Floats) -> Floats:
        """Blurred gradients that are not normalised, `(n, directions · channels · …)`."""
        shaped = self.common(rows).reshape(-1, *self.shape)
        along = [np.gradient(shaped, axis=axis) for axis in self.axes]
        directed = [np.maximum(way, 0.0) for gradient in along for way in (gradient, -gradient)]
        blurred = [blur(each, GRADIENT_BLUR) for each in directed or [shaped]]
        return np.hstack([flat(each[self.subsampled]) for each in blurred])

    def to_values(self, amounts: Floats) -> Floats:
        """Each amount distributed over the values around its gradient, by the kernel of the blur."""
        placed = np.zeros((len(amounts), *self.shape))
        grid = placed[self.subsampled].shape[1:]
        placed[self.subsampled] = amounts.reshape(len(amounts), -1, *grid).sum(axis=1)
        return flat(blur(placed, GRADIENT_BLUR))


def blur(values: Floats, sigma: float) -> Floats:
    """`values (n, channels, …)` blurred along all but the first two axes; sums stay the same."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(values, (0, 0, *[sigma] * (values.ndim - 2)), mode="reflect"))


def flat(values: Floats) -> Floats:
    return values.reshape(len(values), -1)


def is_series(schema: Schema, rows: Floats) -> bool:
    """Whether the columns of a table are the successive values of a trace or a spectrum.

    Then neighbouring columns are alike.
    """
    if not schema.as_numbers or rows.shape[1] < MIN_COLUMNS:
        return False
    return neighbour_ratio(rows) < MAX_RATIO
