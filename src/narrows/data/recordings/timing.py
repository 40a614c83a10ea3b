"""Check the times of recordings, fill their gaps or resample them, and say what was found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from narrows.core.errors import InputError, few
from narrows.data.recordings.durations import show_step, step_of
from narrows.data.recordings.moments import EPOCHS
from narrows.data.recordings.recording import Loaded, Recording, TimeAxis
from narrows.data.recordings.resampling import resampled
from narrows.data.recordings.sampling import (
    ALIKE,
    MOST_FILLED,
    Sampling,
    check_order,
    check_rate,
    sampling_of,
    with_gaps,
)
from narrows.data.recordings.time_texts import time_texts


def timed(found: Loaded, every: str | None) -> Loaded:
    """Recordings whose times are checked: with missing time steps in their gaps, or resampled.

    Args:
        found: recordings as they were read; their `places` say where rows are in a file.
        every: the step to resample to.

    Raises:
        InputError: for times out of order or twice, a sampling rate that changes, or `every` without times.
    """
    axis, each = found.recordings.axis, found.recordings.all
    if axis.unit == "step":
        if every is not None:
            raise InputError(
                f"--every resamples by the times of {found.name}, but it has none; name their column with "
                f"--time."
            )
        return found
    for recording, place in zip(each, found.places, strict=True):
        assert recording.times is not None
        check_order(recording.times, axis, place, twice=every is not None)
    samplings = [sampling_of(r.times) if r.times is not None and len(r) > 1 else None for r in each]
    axis = replace(axis, step=usual_step(samplings))
    notes = (*found.notes, about_times(axis))
    found = found._replace(recordings=replace(found.recordings, axis=axis), notes=notes)
    return filled(found, samplings) if every is None else all_resampled(found, step_of(every, axis))


def usual_step(samplings: list[Sampling | None]) -> float:
    """The median of the usual steps of recordings; 1 if there is none."""
    steps = [each.step for each in samplings if each is not None]
    return float(np.median(steps)) if steps else 1.0


def all_resampled(found: Loaded, step: float) -> Loaded:
    """The recordings at times that are `step` apart."""
    axis = found.recordings.axis
    parts = tuple(resampled(each, step, axis.step, axis.zone) for each in found.recordings)
    note = f"Resampled to a step of {show_step(step, axis)}."
    exact = axis.format if axis.format in EPOCHS else ""
    axis = replace(axis, step=step, format=exact)
    return found._replace(
        recordings=replace(found.recordings, all=parts, axis=axis), notes=(*found.notes, note)
    )


def filled(found: Loaded, samplings: list[Sampling | None]) -> Loaded:
    """The recordings with the time steps that gaps leave out, where their times are regular otherwise."""
    axis = found.recordings.axis
    pairs = list(zip(found.recordings, samplings, strict=True))
    known = [(recording, sampling) for recording, sampling in pairs if sampling is not None]
    for recording, sampling in known:
        check_rate(recording, sampling, axis)
    check_same_rate([(recording, sampling) for recording, sampling in known if sampling.regular], axis)
    parts = tuple(r if s is None or not is_filled(r, s) else with_gaps(r, s) for r, s in pairs)
    gaps = [(r, s) for r, s in known if s.gaps.any()]
    notes = (about_gaps(gaps, axis),) if gaps else ()
    return found._replace(
        recordings=replace(found.recordings, all=parts),
        notes=(*found.notes, *notes),
        warnings=(*found.warnings, *warn_of_irregular(known, axis)),
    )


def is_filled(recording: Recording, sampling: Sampling) -> bool:
    """Whether the gaps of a recording get missing time steps."""
    few_enough = sampling.missing.sum() <= MOST_FILLED * len(recording)
    return bool(sampling.regular and sampling.gaps.any() and few_enough)


def check_same_rate(known: list[tuple[Recording, Sampling]], axis: TimeAxis) -> None:
    """Refuse recordings of several sampling rates.

    Raises:
        InputError: with the names of two of them.
    """
    for recording, sampling in known:
        first, usual = known[0][0], known[0][1].step
        if abs(sampling.step - usual) > ALIKE * usual:
            raise InputError(
                f"The sampling rates differ: {first.name} has a step of {show_step(usual, axis)}, but "
                f"{recording.name} one of {show_step(sampling.step, axis)}; resample them with "
                f"--every {show_step(max(usual, sampling.step), axis)}."
            )


def about_times(axis: TimeAxis) -> str:
    """The sentence about a column of times."""
    if axis.unit != "date":
        return f"The times are the numbers in {axis.name!r}, usually {show_step(axis.step, axis)} apart."
    zone = f"in the time zone {axis.zone}" if axis.zone else "without a time zone"
    return f"The times are the dates in {axis.name!r}, {zone}, usually {show_step(axis.step, axis)} apart."


def about_gaps(gaps: list[tuple[Recording, Sampling]], axis: TimeAxis) -> str:
    """The sentence about gaps: their number, their time steps and the longest of them."""
    n = sum(int(s.gaps.sum()) for _, s in gaps)
    steps = sum(int(s.missing.sum()) for r, s in gaps if is_filled(r, s))
    recording, sampling = max(gaps, key=lambda pair: float(pair[1].steps.max()))
    assert recording.times is not None
    row = int(sampling.steps.argmax())
    start, end = time_texts(recording.times[row : row + 2], axis)
    where = f" of {recording.name}" if len(gaps) > 1 else ""
    filled = (
        f", with {steps:,} time steps, whose values are missing" if steps else ", which are left as they are"
    )
    return f"Gaps in the times: {n:,}{filled}; the longest{where} is from {start} to {end}."


def warn_of_irregular(known: list[tuple[Recording, Sampling]], axis: TimeAxis) -> tuple[str, ...]:
    """A sentence about recordings with irregular times, and one about those with too long gaps."""
    uneven = [r.name for r, s in known if not s.regular]
    long = [r.name for r, s in known if s.regular and s.gaps.any() and not is_filled(r, s)]
    every = show_step(axis.step, axis)
    said = []
    if uneven:
        said.append(
            f"The times are irregular in {few(uneven)}: its rows are taken as equal steps; --every {every} "
            f"resamples them."
        )
    if long:
        said.append(
            f"The gaps in {few(long)} are more than {MOST_FILLED} times as long as its rows are, and are "
            f"skipped; name the pieces in a column and give --id."
        )
    return tuple(said)
