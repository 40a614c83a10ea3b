"""Offsets and scales for the columns of a table: one scale for each column, or one for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from narrows.data.kinds.statistics import quartile_range
from narrows.data.scaling import LEAST, Nature, Scaling

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DOMINANT, TIMES = 0.1, 10.0
"""The share of the variance of counts that one row holds at least where square roots are taken, and how many
times its share if all rows held the same."""


@dataclass(frozen=True)
class Bent:
    """Columns after arsinh or the square root, as `Scaling` has them.

    Attributes:
        x: `(n, columns)` after the transformation.
        centre: `(columns,)`, what is subtracted before arsinh.
        spread: `(columns,)`, the unit of arsinh; 0 where it is not used.
        rooted: whether √(x + 3/8) was taken.
    """

    x: Floats
    centre: Floats
    spread: Floats
    rooted: bool = False


def unbent(x: Floats, *, rooted: bool = False) -> Bent:
    """Columns without arsinh, after √(x + 3/8) if `rooted`."""
    none = np.zeros(x.shape[1])
    return Bent(np.sqrt(x + LEAST) if rooted else x, none, none, rooted)


def bent(x: Floats, heavy: Flags, *, shared: bool = False) -> Bent:
    """Columns after arsinh where tails are `heavy`; with `shared` in one unit for all of these."""
    centre, spread = np.where(heavy, np.nanmedian(x, axis=0), 0.0), np.where(heavy, quartile_range(x), 0.0)
    if shared and heavy.any():
        spread = np.where(heavy, rms(spread[heavy]), 0.0)
    after = np.where(heavy, np.arcsinh((x - centre) / np.where(heavy, spread, 1.0)), x)
    return Bent(after, centre, spread)


def dominant_row(x: Floats) -> float:
    """The share of the variance of `x (n, columns)` that the largest row holds; 0 if that is not much.

    The variance is that of all columns together.
    """
    squared = np.nansum((x - np.nanmean(x, axis=0)) ** 2, axis=1)
    share = float(squared.max() / max(squared.sum(), 1e-300))
    return share if share > max(DOMINANT, TIMES / len(x)) else 0.0


def scale_columns(
    nature: Nature,
    x: Floats,
    columns: Bent,
    dtype: str,
    *,
    unscaled: Flags | None = None,
    shared: bool = False,
    from_zero: bool = False,
) -> Scaling:
    """The scaling of `x (n, columns)`.

    Args:
        nature: of the values.
        x: as they came.
        columns: the same after arsinh or the square root.
        dtype: of the values, a numpy name.
        unscaled: columns with offset 0 and scale 1.
        shared: divide all columns by the root mean square of their standard deviations, not each by its own.
        from_zero: subtract nothing, so that counts stay non-negative.
    """
    after = columns.x
    unscaled = np.zeros(x.shape[1], dtype=np.bool_) if unscaled is None else unscaled
    # The computed standard deviation of equal numbers may be a rounding error instead of 0.
    constant = (np.nanmax(after, axis=0) == np.nanmin(after, axis=0)) & ~unscaled
    deviation = np.nanstd(after, axis=0)
    if shared:
        deviation = np.full_like(deviation, rms(deviation[~constant]))
    scale = np.where(unscaled, 1.0, np.where(constant, 0.0, deviation))
    mean = 0.0 if from_zero else np.where(unscaled, 0.0, np.nanmean(after, axis=0))
    offset = np.where(constant, np.nanmin(after, axis=0), mean)
    scaled = (after - offset) / np.where(scale > 0, scale, 1.0)
    return Scaling(
        nature,
        offset=offset,
        scale=scale,
        centre=columns.centre,
        spread=columns.spread,
        floor=np.nanmin(x, axis=0),
        ceiling=np.nanmax(x, axis=0),
        low=float(np.nanmin(scaled)),
        high=float(np.nanmax(scaled)),
        dtype=dtype,
        unit=1.0,
        rooted=columns.rooted,
    )


def zeros_and_ones(x: Floats, dtype: str) -> Scaling:
    """The scaling that leaves values of 0 and 1, `x (n, columns)`, as they are."""
    return scale_columns("binary", x, unbent(x), dtype, unscaled=np.ones(x.shape[1], dtype=np.bool_))


def rms(values: Floats) -> float:
    """The root mean square."""
    return float(np.sqrt((values**2).mean()))
