"""Times of a column as moments in UTC: dates, with or without an offset, and numbers since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.recordings.recording import TimeAxis
from narrows.data.tables.date_formats import ISO, DatesFound
from narrows.data.tables.dates import moment

EPOCHS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
"""Units of times since 1970, in nanoseconds."""

EARLIEST, LATEST = 631152000.0, 4102444800.0
"""Times since 1970 are of the years 1990 to 2099, in seconds."""

OFFSET = re.compile(r"(Z| UTC|[+-]\d\d(?::?\d\d)?)$")
"""The offset from UTC at the end of a date with a time of day."""


class Times(NamedTuple):
    """The times of the rows of a table.

    Attributes:
        values: `(rows,)`, datetime64[ns] in UTC or float64; NaT or NaN where there is none.
        axis: of them; its step is not known yet.
        unreadable: rows whose cells are no times.
        columns: the columns of the table that they are from.
        warnings: sentences about dates that can be read in two ways.
    """

    values: Array
    axis: TimeAxis
    unreadable: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def from_dates(words: Sequence[str | None], found: DatesFound, name: str) -> Times:
    """The dates of a column.

    Args:
        words: its cells, None where one is missing.
        found: their format.
        name: of the column.
    """
    axis = TimeAxis(name, "date", zone=zone_of(words), format=format_as_came(words, found))
    values = iso_moments(words)
    if values is not None:
        return Times(values, axis)
    read = [None if word is None else moment(word, found.dates.format) for word in words]
    unreadable = (i for i, (word, at) in enumerate(zip(words, read, strict=True)) if word and at is None)
    return Times(np.array(read, dtype="datetime64[us]").astype("datetime64[ns]"), axis, tuple(unreadable))


def iso_moments(words: Sequence[str | None]) -> NDArray[np.datetime64] | None:
    """Dates of ISO 8601 that have one offset or none, `(n,)` in UTC; None for others. It is fast."""
    offsets = {offset_of(word) for word in words if word is not None}
    if len(offsets) > 1 or not all(word is None or ISO.fullmatch(word) for word in words):
        return None
    offset = next(iter(offsets), "")
    clocks = [None if word is None else word[: len(word) - len(offset)].replace(",", ".") for word in words]
    try:
        moments = np.array([clock or "NaT" for clock in clocks], dtype="datetime64[ns]")
    except ValueError:
        return None
    return (moments - np.timedelta64(round(seconds_of(offset)), "s")).astype("datetime64[ns]")


def offset_of(word: str) -> str:
    """The offset from UTC at the end of a date; empty if it has none.

    >>> offset_of("2024-01-31T12:00+01:00"), offset_of("2024-01-31")
    ('+01:00', '')
    """
    found = OFFSET.search(word) if ":" in word else None
    return found[1] if found else ""


def seconds_of(offset: str) -> float:
    """An offset from UTC in seconds.

    >>> seconds_of("-0130"), seconds_of("Z")
    (-5400.0, 0.0)
    """
    digits = re.sub(r"\D", "", offset).ljust(4, "0")
    return (-1.0 if offset[:1] == "-" else 1.0) * (int(digits[:2]) * 3600 + int(digits[2:4]) * 60)


def zone_of(words: Sequence[str | None]) -> str:
    """The time zone of dates: their offset, UTC if they have several, empty if they have none."""
    offsets = {offset_of(word) for word in words if word is not None}
    if not offsets or offsets == {""}:
        return ""
    offset = next(iter(offsets)) if len(offsets) == 1 else "UTC"
    return "UTC" if offset in ("Z", " UTC") else offset


def format_as_came(words: Sequence[str | None], found: DatesFound) -> str:
    """The format in which the dates of a column are written, with their offset at the end."""
    form, first = found.dates.format, next((word for word in words if word), "")
    offset = offset_of(first) if zone_of(words) != "UTC" or first.endswith(("Z", " UTC")) else "+00:00"
    form = form.removesuffix("Z").removesuffix(" UTC").removesuffix("+00:00") + offset
    if "%f" in form:
        found_digits = re.search(r":\d\d([.,])(\d+)", first)
        mark, digits = found_digits.groups() if found_digits else (".", "0" * 6)
        form = form.replace(".%f", f"{mark}%{min(9, len(digits))}f")
    if not found.dates.padded:
        form = form.replace("%d", "%-d").replace("%m", "%-m").replace("%H", "%-H")
    return form


def epoch_unit(values: NDArray[np.float64]) -> str:
    """The unit of numbers `(n,)` that are times since 1970, a key of `EPOCHS`; empty if they are none."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    units = (u for u, ns in EPOCHS.items() if low * ns / 1e9 >= EARLIEST and high * ns / 1e9 <= LATEST)
    return next(units, "")


def from_epochs(values: NDArray[np.float64], unit: str, name: str) -> Times:
    """Numbers `(n,)` in `unit` since 1970, NaN where one is missing, as moments."""
    known = np.isfinite(values)
    whole = np.floor(np.where(known, values, 0))
    factor = EPOCHS[unit]
    rest = np.round(np.where(known, values - whole, 0) * factor, -3 if unit == "s" else 0)
    moments = (whole.astype(np.int64) * factor + rest.astype(np.int64)).astype("datetime64[ns]")
    moments[~known] = np.datetime64("NaT")
    return Times(moments, TimeAxis(name, "date", zone="UTC", format=unit))
