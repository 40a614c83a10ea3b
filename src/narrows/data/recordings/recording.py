"""The records of recordings: values of one or several channels over time, of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array

Place = Callable[[int], str]
"""The place of a time step in its file, the beginning of a message."""


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The axis of time that the recordings of a set share.

    Attributes:
        name: of the column of times in the file; empty for plain steps.
        unit: "date", "number" for a column of other numbers, or "step" where no times are known.
        step: the usual distance between two time steps, in seconds of dates, in the numbers of the column, in
            seconds of a sampling rate, else 1.
        zone: the time zone of dates as the file names it; empty for none.
        format: how dates are written: as `strftime` takes it, with `%3f` for three digits of a fraction and
            `%-d` for a day without a zero in front; s, ms, us or ns since 1970; empty for ISO 8601.
    """

    name: str = ""
    unit: str = "step"
    step: float = 1.0
    zone: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One recording.

    Attributes:
        name: of its file, or its id.
        values: `(time, channels)`; NaN is a missing value.
        times: `(time,)`, datetime64[ns] in UTC or float64; None for plain steps.
        labels: `(time,)`, of each time step; None if there are none.
    """

    name: str
    values: Array
    times: Array | None = None
    labels: Array | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Recordings:
    """Recordings with the same channels.

    Attributes:
        all: the recordings, at least one.
        channels: the names of the channels.
        axis: of their times.
        id_name: of the column of their names in the file, or in files that are written.
    """

    all: tuple[Recording, ...]
    channels: tuple[str, ...]
    axis: TimeAxis = field(default_factory=TimeAxis)
    id_name: str = "id"

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Recording]:
        return iter(self.all)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the recordings."""
        return tuple(each.name for each in self.all)

    @property
    def lengths(self) -> NDArray[np.intp]:
        """The number of time steps of each, `(n,)`."""
        return np.array([len(each) for each in self.all], dtype=np.intp)


def numbered_channels(n: int) -> tuple[str, ...]:
    """Names for channels that have none.

    >>> numbered_channels(2)
    ('channel 0', 'channel 1')
    """
    return tuple(f"channel {i}" for i in range(n))


class Loaded(NamedTuple):
    """Recordings that were read.

    Attributes:
        recordings: the recordings.
        name: for messages, run folders and reports.
        notes: sentences about what the reader did.
        warnings: sentences about what could not be read as wanted.
        labels: `(n,)`, of the recordings; None if there are none.
        groups: `(n,)`, recordings with the same number stay in one part of a split; None if there are none.
        places: of each recording a function that gives the place of a time step in its file, for messages.
    """

    recordings: Recordings
    name: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    labels: Array | None = None
    groups: Array | None = None
    places: tuple[Place, ...] = ()
