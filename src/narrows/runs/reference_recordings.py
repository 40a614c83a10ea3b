"""Reference recordings: stretches of the recordings of a run, with which scores on time compare others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from narrows.data.examples import Data, draw_rows
from narrows.data.schema import Array
from narrows.data.split import Index, Parts

NONE, TRAIN, VALIDATION, HELD_OUT = range(4)
"""The parts of a split that a time step is in."""

MOST_STEPS, MOST_BYTES = 2**17, 2**24
"""The largest number of time steps that are kept, and of their bytes."""

WINDOWS = 16
"""Recordings with more time steps are kept in stretches of so many windows, drawn at random."""


class Stretch(NamedTuple):
    """A stretch of a recording: its values `(steps, channels)`, and the part of each time step `(steps,)`."""

    values: Array
    parts: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class ReferenceRecordings:
    """Stretches of recordings, not scaled.

    Attributes:
        values: `(steps, channels)`, one stretch after the other.
        parts: `(steps,)` uint8, the part of the split that a window over the time step was in; `NONE` between
            the parts.
        lengths: `(k,)`, of the stretches.
    """

    values: Array
    parts: Array
    lengths: Array

    def __iter__(self) -> Iterator[Stretch]:
        ends = np.cumsum(self.lengths)[:-1]
        return map(Stretch, np.split(self.values, ends), np.split(self.parts, ends))

    @classmethod
    def draw(cls, data: Data, index: Parts) -> Self | None:
        """The recordings that windows were cut from; of long ones stretches. None of other data.

        Args:
            data: all windows; a test part of their own is the held-out part.
            index: the windows of each part.
        """
        if data.window is None:
            return None
        inside = {TRAIN: index.train, VALIDATION: index.validation}
        if index.held_out is not None:
            found = list(stretches(data, {**inside, HELD_OUT: index.held_out}))
        else:
            own = {HELD_OUT: np.arange(len(data.held_out))} if data.held_out.window is not None else {}
            found = [*stretches(data, inside), *(stretches(data.held_out, own) if own else ())]
        most = most_steps(data)
        mean = sum(len(each.parts) for each in found) / len(found)
        chosen = [found[i] for i in draw_rows(len(found), max(2, int(most / mean)))]
        return cls(
            np.concatenate([each.values for each in chosen]),
            np.concatenate([each.parts for each in chosen]),
            np.array([len(each.parts) for each in chosen]),
        )


def most_steps(data: Data) -> int:
    """How many time steps of the recordings of `data` are kept, at the most."""
    assert data.recordings is not None
    size = data.source.dtype.itemsize * len(data.recordings.channels)
    return min(MOST_STEPS, MOST_BYTES // max(1, size))


def stretches(data: Data, inside: Mapping[int, Index]) -> Iterator[Stretch]:
    """The recordings that `data` are windows of, those of many time steps in stretches.

    Args:
        data: windows of recordings.
        inside: the windows of each part.
    """
    assert data.window is not None
    assert data.recordings is not None
    window, lengths = data.window, data.recordings.lengths
    length = WINDOWS * window if lengths.sum() > most_steps(data) else int(lengths.max())
    parts = parts_of_steps(data, inside)
    ends = np.cumsum(lengths)[:-1]
    for each, of_steps in zip(data.recordings, np.split(parts, ends), strict=True):
        for first in range(0, max(1, len(each) - window + 1), length):
            # A last stretch that is shorter than a window stays with the one before.
            last = first + length if len(each) - first - length >= window else len(each)
            yield Stretch(each.values[first:last], of_steps[first:last])


def parts_of_steps(data: Data, inside: Mapping[int, Index]) -> NDArray[np.uint8]:
    """The part of each time step, `(steps,)`, of all recordings one after the other."""
    assert data.window is not None
    assert data.patches is not None
    assert data.recordings is not None
    lengths = data.recordings.lengths
    starts = (np.cumsum(lengths) - lengths)[data.patches.owner] + data.patches.corners[:, 0]
    found = np.full(lengths.sum(), NONE, dtype=np.uint8)
    for part, rows in inside.items():
        begun = np.zeros(len(found) + 1, dtype=np.int64)
        np.add.at(begun, starts[rows], 1)
        np.subtract.at(begun, starts[rows] + data.window, 1)
        found[np.cumsum(begun)[:-1] > 0] = part
    return found
