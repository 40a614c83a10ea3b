"""The steps of time of recordings: their order, gaps, irregular steps, and rates that change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.columns import Array
from narrows.data.recordings.durations import show_step
from narrows.data.recordings.recording import Place, Recording, TimeAxis
from narrows.data.recordings.time_texts import time_texts

GAP = 1.5
"""A longer step, in usual ones, is a gap."""

ALIKE = 0.1
"""Steps that differ less from the usual one, as a share of it, are as long: months are."""

LEAST_ALIKE = 0.95
"""Times are regular if so large a share of the steps that are no gaps are as long as the usual one."""

FEWEST_STEPS = 10
"""So many steps of another length in a row are another sampling rate."""

LARGEST_SET_BACK = 3600.0
"""By so many seconds clocks are set back at the most."""

MOST_FILLED = 10
"""Gaps are filled up to this multiple of the time steps that there are."""


class Sampling(NamedTuple):
    """The steps between the times of a recording.

    Attributes:
        step: the usual one, on the scale of `TimeAxis.step`.
        steps: all of them, `(time - 1,)`.
        gaps: which of them are gaps, `(time - 1,)`.
        alike: the share of the others that are as long as the usual one.
    """

    step: float
    steps: NDArray[np.float64]
    gaps: NDArray[np.bool_]
    alike: float

    @property
    def regular(self) -> bool:
        return self.alike >= LEAST_ALIKE

    @property
    def missing(self) -> NDArray[np.intp]:
        """The number of time steps that each step leaves out, `(time - 1,)`."""
        counts = np.where(self.gaps, np.round(self.steps / self.step), 1)
        return np.asarray(counts, dtype=np.intp) - 1


def as_numbers(times: Array) -> NDArray[np.float64]:
    """Times `(n,)` in seconds since the first of them; numbers as they are."""
    if times.dtype.kind != "M":
        return np.asarray(times, dtype=np.float64)
    return (times - times[0]).astype("timedelta64[ns]").astype(np.int64) / 1e9


def sampling_of(times: Array) -> Sampling:
    """The steps between `times (n,)`, at least two, in order."""
    steps = np.diff(as_numbers(times))
    step = float(np.median(steps))
    gaps = steps > GAP * step
    alike = np.abs(steps - step) <= ALIKE * step
    return Sampling(step, steps, gaps, float(alike[~gaps].mean()))


def check_order(times: Array, axis: TimeAxis, place: Place, *, twice: bool) -> None:
    """Refuse times that are not in order, or that occur twice unless `twice` is true.

    Raises:
        InputError: with the first such row.
    """
    steps = np.diff(as_numbers(times))
    wrong = steps < 0 if twice else steps <= 0
    if not wrong.any():
        return
    row = int(wrong.argmax()) + 1
    came = f"{place(row)} has the time {time_texts(times[row : row + 1], axis)[0]} in {axis.name!r}"
    if (steps < 0).all():
        raise InputError(
            f"{came}, before the row above, and so do all others; sort the rows by {axis.name!r}."
        )
    if steps[row - 1] == 0:
        usual = show_step(float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0, axis)
        raise InputError(
            f"{came}, as the row above has; leave one of them out, average them with --every {usual}, or "
            f"count time steps with --time none."
        )
    back = axis.unit == "date" and not axis.zone and -steps[row - 1] <= LARGEST_SET_BACK
    other = (
        "if clocks were set back, write the times with their offset from UTC"
        if back
        else "if there are several recordings, name them in a column and give --id"
    )
    raise InputError(
        f"{came}, before the row above; sort the rows by {axis.name!r}, or, {other}, or count time steps "
        f"with --time none."
    )


def check_rate(recording: Recording, sampling: Sampling, axis: TimeAxis) -> None:
    """Refuse a recording whose sampling rate changes.

    Raises:
        InputError: with the time of the change.
    """
    found = change_of_rate(sampling)
    if found is None:
        return
    assert recording.times is not None
    row, before, after = found
    at = time_texts(recording.times[row : row + 1], axis)[0]
    longest = show_step(max(before, after), axis)
    raise InputError(
        f"The sampling rate of {recording.name} changes at {at}, from a step of {show_step(before, axis)} to "
        f"{show_step(after, axis)}; resample it with --every {longest}, or make two recordings of it."
    )


def change_of_rate(sampling: Sampling) -> tuple[int, float, float] | None:
    """The time step at which the rate changes, with the steps before and after; None if it does not.

    Another rate has `FEWEST_STEPS` steps in a row that are alike and none of which is as long as the usual
    one; nearly all steps have one of the two rates.
    """
    steps, step = sampling.steps, sampling.step
    usual = np.abs(steps - step) <= ALIKE * step
    edges = np.flatnonzero(np.diff(np.concatenate([[True], usual, [True]]).astype(np.int8)))
    for first, end in edges.reshape(-1, 2).tolist():
        other = float(np.median(steps[first:end]))
        alike = np.abs(steps - other) <= ALIKE * other
        if alike[first:end].sum() >= FEWEST_STEPS and (alike | usual).mean() >= LEAST_ALIKE:
            return (first, step, other) if first else (end, other, step)
    return None


def with_gaps(recording: Recording, sampling: Sampling) -> Recording:
    """A recording with the time steps that its gaps leave out, whose values are missing.

    They lie at equal distances in the gap, and have the label of the time step before it.
    """
    assert recording.times is not None
    counts = np.concatenate([sampling.missing + 1, [1]])
    before = np.repeat(np.arange(len(recording)), counts)
    starts = np.concatenate([[0], np.cumsum(counts[:-1])])
    after = np.arange(len(before)) - starts[before]
    values = np.where(after[:, None] == 0, recording.values[before], np.nan)
    labels = None if recording.labels is None else recording.labels[before]
    return Recording(recording.name, values, between(recording.times, before, after, counts), labels)


def between(times: Array, before: Array, after: Array, counts: Array) -> Array:
    """The times of steps `after` those with the numbers `before`, of `counts` that lie up to the next."""
    steps = np.append(np.diff(times), times[:1] - times[:1])
    if times.dtype.kind != "M":
        return np.asarray(times[before] + steps[before] * after / counts[before])
    shift = steps.astype(np.int64)[before] * after // counts[before]
    return np.asarray(times[before] + shift.astype("timedelta64[ns]"))
