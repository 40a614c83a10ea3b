"""Durations along the axis of time of sequences, in a unit that suits their length."""

from __future__ import annotations

from typing import NamedTuple

from narrows.core.numbers import number
from narrows.data.recordings.recording import TimeAxis

UNITS = {"d": 86400.0, "h": 3600.0, "min": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6}
"""Units of time in seconds, the longest first."""

SECONDS = "seconds"
"""The name of the times that a sampling rate gives."""

STEP = "time step"
"""The label of an axis without times."""

LEAST = 3.0
"""A duration has at least so many of its unit."""


class Durations(NamedTuple):
    """How durations are written.

    Attributes:
        step: of a time step, in `unit`.
        unit: after numbers; empty for time steps and for the numbers of a column.
        label: of an axis: "time in h", "time step", or the name of a column.
    """

    step: float
    unit: str
    label: str

    def show(self, steps: float) -> str:
        """So many time steps as a duration, to six digits."""
        return f"{number(steps * self.step, 6)} {self.unit}".rstrip()

    def long(self, steps: int) -> str:
        """How long so many time steps are: their number, and their duration where it has a unit.

        >>> Durations(0.25, "h", "time in h").long(192), Durations(1.0, "", STEP).long(1000)
        ('192 time steps (48 h)', '1,000 time steps')
        """
        return f"{steps:,} time steps" + (f" ({self.show(steps)})" if self.unit else "")

    def sentence(self, steps: int) -> str:
        """What an axis of so many time steps shows."""
        what = "time" if self.unit else f"the {self.label}" if self.label == STEP else self.label
        return f"The axis is {what}, from 0 to {self.show(steps - 1)}."


def durations(axis: TimeAxis, steps: int) -> Durations:
    """How durations of up to so many time steps are written.

    >>> durations(TimeAxis("when", "date", 900.0), 192).show(192)
    '48 h'
    >>> durations(TimeAxis(), 30), durations(TimeAxis("t", "number", 0.5), 30).label
    (Durations(step=1.0, unit='', label='time step'), 't')
    """
    if not in_seconds(axis):
        return Durations(axis.step, "", axis.name) if axis.unit == "number" else Durations(1.0, "", STEP)
    total = steps * axis.step
    unit = next((name for name, seconds in UNITS.items() if total >= LEAST * seconds), "µs")
    return Durations(axis.step / UNITS[unit], unit, f"time in {unit}")


def in_seconds(axis: TimeAxis) -> bool:
    """Whether the step of an axis is in seconds: that of dates, and of the times of a sampling rate."""
    return axis.unit == "date" or (axis.unit == "number" and axis.name == SECONDS)
