"""Resample recordings to a regular step of time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.core.memory import check_room
from narrows.data.columns import Array
from narrows.data.recordings.moments import EPOCHS
from narrows.data.recordings.recording import Recording
from narrows.data.recordings.time_texts import zone_offsets

FINER = 0.999
"""A step that is shorter than the usual one, by this factor at least, is interpolated."""

BRIDGED = 2.0
"""Between values that are further apart, in usual steps, nothing is interpolated."""


def resampled(recording: Recording, step: float, usual: float, zone: str = "") -> Recording:
    """A recording at times that are `step` apart.

    For a longer step than the usual one the values are the means of the bins that begin at the new times,
    missing in a bin without values; a label is the largest in its bin, of words the first. For a shorter
    step values are interpolated linearly between neighbours that are at most twice the usual step apart.

    Args:
        recording: with times in order.
        step: on the scale of `TimeAxis.step`.
        usual: the usual step.
        zone: in which bins of days begin at midnight.

    Raises:
        InputError: for a step so short that the result does not fit into memory.
    """
    assert recording.times is not None
    ticks, width = in_ticks(recording.times, step, zone)
    size = (ticks[-1] - ticks[0]) / width * recording.values.shape[1] * 8
    check_room(float(size), f"With so short a step the values of {recording.name} take")
    make = binned if step >= FINER * usual else interpolated
    grid, values, labels = make(recording, ticks, width, BRIDGED * usual / step)
    return Recording(recording.name, values, out_of_ticks(grid, recording.times, step, zone), labels)


Grid = tuple[NDArray[np.int64], NDArray[np.float64], Array | None]
"""New times in ticks, with values and labels."""

PER_STEP = 10**6
"""The ticks that the new step has where times are numbers."""


def in_ticks(times: Array, step: float, zone: str) -> tuple[NDArray[np.int64], int]:
    """Times as whole numbers, and the step in the same unit: nanoseconds of dates in `zone`."""
    if times.dtype.kind != "M":
        return np.round(times.astype(np.float64) / step * PER_STEP).astype(np.int64), PER_STEP
    return times.astype(np.int64) + shift(times, zone), max(1, round(step * EPOCHS["s"]))


def out_of_ticks(ticks: NDArray[np.int64], times: Array, step: float, zone: str) -> Array:
    """The inverse of `in_ticks`, for times like `times`."""
    if times.dtype.kind != "M":
        return ticks * step / PER_STEP
    return np.asarray((ticks - shift(times, zone)).astype("datetime64[ns]"))


def shift(times: Array, zone: str) -> int:
    """The offset of `zone` from UTC at the first of `times`, in nanoseconds."""
    return int(zone_offsets(times[:1], zone)[0]) * EPOCHS["s"]


def binned(recording: Recording, ticks: NDArray[np.int64], width: int, bridged: float) -> Grid:
    """The means of bins of `width` ticks that begin at multiples of it; nothing is bridged."""
    bins = ticks // width - ticks[0] // width
    n = int(bins[-1]) + 1
    columns = [mean_in(bins, column, n) for column in recording.values.T]
    grid = (np.arange(n) + ticks[0] // width) * width
    labels = None if recording.labels is None else labels_in(bins, recording.labels, n)
    return grid, np.stack(columns, axis=1), labels


def mean_in(bins: NDArray[np.int64], values: Array, n: int) -> NDArray[np.float64]:
    """The mean of the values in each of `n` bins, NaN where there are none."""
    known = np.isfinite(values)
    counts = np.bincount(bins[known], minlength=n)
    sums = np.bincount(bins[known], weights=values[known].astype(np.float64), minlength=n)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def labels_in(bins: NDArray[np.int64], labels: Array, n: int) -> Array:
    """The largest label in each of `n` bins, of words the first; that of the bin before if there is none."""
    first = np.searchsorted(bins, np.arange(n), side="right") - 1
    found = labels[first]
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    filled = bins[starts]
    found[filled] = np.maximum.reduceat(labels, starts) if labels.dtype.kind in "buif" else labels[starts]
    return found


def interpolated(recording: Recording, ticks: NDArray[np.int64], width: int, bridged: float) -> Grid:
    """Values every `width` ticks from the first time, between values at most `bridged` steps apart."""
    grid = np.arange(ticks[0], ticks[-1] + 1, width)
    columns = [between(ticks, column, grid, bridged * width) for column in recording.values.T]
    before = np.searchsorted(ticks, grid, side="right") - 1
    labels = None if recording.labels is None else recording.labels[before]
    return grid, np.stack(columns, axis=1), labels


def between(
    ticks: NDArray[np.int64], values: Array, grid: NDArray[np.int64], longest: float
) -> NDArray[np.float64]:
    """The values at `grid`, linear between known ones that are at most `longest` ticks apart, else NaN."""
    known = np.isfinite(values)
    if not known.any():
        return np.full(len(grid), np.nan)
    at, start = ticks[known], ticks[0]
    right = np.minimum(np.searchsorted(at, grid), len(at) - 1)
    left = np.maximum(right - 1, 0)
    exact = at[right] == grid
    inside = (grid >= at[0]) & (grid <= at[-1]) & (at[right] - at[left] <= longest * (1 + 1e-9))
    found = np.interp(grid - start, at - start, values[known].astype(np.float64))
    return np.where(exact | inside, found, np.nan)
