"""Durations as text: 500ms, 1min, 1h, or plain numbers in the unit of a column of times."""

from __future__ import annotations

import re

from narrows.core.errors import InputError
from narrows.data.recordings.recording import TimeAxis

SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
"""The units of durations, in seconds, from the shortest to the longest."""

DURATION = re.compile(r"\s*(\d+(?:[.,]\d+)?(?:e-?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)
"""A number and a unit."""


def step_of(text: str, axis: TimeAxis) -> float:
    """The step that `--every` asks for, on the scale of `TimeAxis.step`.

    Raises:
        InputError: for what is no duration, or has no unit where times are dates.
    """
    found = DURATION.fullmatch(text)
    number = float(found[1].replace(",", ".")) if found else 0.0
    unit = found[2].lower() if found else ""
    if not number or unit not in ("", *SECONDS):
        known = ", ".join(SECONDS)
        raise InputError(f"--every takes a number and a unit ({known}), as 500ms or 1min, but got {text!r}.")
    if axis.unit == "date" and not unit:
        raise InputError(f"--every {text} has no unit, but the times are dates; give one of s, min, h and d.")
    if axis.unit == "number" and unit:
        raise InputError(
            f"--every {text} has a unit, but the times in {axis.name!r} are numbers; give a number, as 0.5."
        )
    return number * SECONDS.get(unit, 1.0)


def show_step(step: float, axis: TimeAxis) -> str:
    """A step of time as `--every` takes it.

    >>> date = TimeAxis(unit="date")
    >>> show_step(300, date), show_step(0.04, date), show_step(5400, date), show_step(0.5, TimeAxis())
    ('5min', '40ms', '1.5h', '0.5')
    """
    if axis.unit != "date":
        return f"{step:.6g}"
    unit = max(
        (u for u, seconds in SECONDS.items() if seconds <= step * (1 + 1e-9)),
        key=SECONDS.__getitem__,
        default="ns",
    )
    return f"{step / SECONDS[unit]:.6g}{unit}"
