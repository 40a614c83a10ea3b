"""Write times as they came: in the time zone and the format of their column."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.recordings.moments import EPOCHS, seconds_of
from narrows.data.recordings.recording import TimeAxis

SHORT = {"%-d": "day", "%-m": "month", "%-H": "hour"}
"""Parts of a format without zeros in front."""

ISO_FORMAT = re.compile(r"%Y-%m-%d(?:([T ])%H:%M(:%S(?:\.%([369])f)?)?)?([Z+-][\d:]*| UTC)?")
"""Formats of ISO 8601: the separator, the seconds, the digits of their fraction, and the offset."""


def time_texts(times: Array, axis: TimeAxis) -> list[str]:
    """Times `(n,)` as text, as they came in the file: in its time zone and format.

    Args:
        times: datetime64[ns] in UTC, or float64.
        axis: of them.
    """
    if axis.unit != "date":
        return [f"{time:.12g}" for time in times.tolist()]
    if axis.format in EPOCHS:
        return epoch_texts(times.astype(np.int64), EPOCHS[axis.format])
    clocks, offsets = local_clocks(times, axis.zone)
    if not axis.format:
        texts = np.datetime_as_string(clocks.astype(f"datetime64[{exactness(clocks)}]")).tolist()
        return [f"{text.replace('T', ' ')}{offset}" for text, offset in zip(texts, offsets, strict=True)]
    return clock_texts(clocks, axis.format)


def epoch_texts(times: NDArray[np.int64], factor: int) -> list[str]:
    """Nanoseconds since 1970 in units of `factor`."""
    if not (times % factor).any():
        return [str(time // factor) for time in times.tolist()]
    return [f"{time // factor}{time % factor / factor:.6f}".replace("0.", ".", 1) for time in times.tolist()]


def exactness(clocks: NDArray[np.datetime64]) -> str:
    """The longest unit of numpy, of seconds and shorter ones, in which `clocks` are whole."""
    times = clocks.astype("datetime64[ns]").astype(np.int64)
    return next((unit for unit, ns in EPOCHS.items() if not (times % ns).any()), "ns")


def local_clocks(times: Array, zone: str) -> tuple[NDArray[np.datetime64], list[str]]:
    """Moments in UTC as clocks of `zone`, and the offset of each as text, as +01:00."""
    if not zone:
        return times, [""] * len(times)
    shift = zone_offsets(times, zone)
    offsets = [offset_text(seconds) for seconds in shift.tolist()]
    return times + (shift * 10**9).astype("timedelta64[ns]"), offsets


def zone_offsets(times: Array, zone: str) -> NDArray[np.int64]:
    """The offset of `zone` from UTC in seconds at each of `times (n,)`."""
    place = tz(zone)
    if not isinstance(place, ZoneInfo):
        fixed = place.utcoffset(None)
        assert fixed is not None
        return np.full(len(times), round(fixed.total_seconds()), dtype=np.int64)
    hours = times.astype("datetime64[h]").astype(np.int64)
    distinct, inverse = np.unique(hours, return_inverse=True)
    found = [datetime.fromtimestamp(hour * 3600, place).utcoffset() for hour in distinct.tolist()]
    return np.array([round(each.total_seconds()) for each in found if each is not None])[inverse]


def tz(zone: str) -> tzinfo:
    """The time zone of a name or an offset."""
    if zone in ("", "UTC"):
        return UTC
    if zone[0] in "+-":
        return timezone(timedelta(seconds=seconds_of(zone)))
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return UTC


def offset_text(seconds: int) -> str:
    """An offset from UTC as ISO 8601 writes it.

    >>> offset_text(-5400), offset_text(0)
    ('-01:30', '+00:00')
    """
    sign, seconds = "-" if seconds < 0 else "+", abs(seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def clock_texts(clocks: NDArray[np.datetime64], form: str) -> list[str]:
    """Clocks `(n,)` in a format of `TimeAxis`."""
    iso = ISO_FORMAT.fullmatch(form)
    if iso:
        unit = {"3": "ms", "6": "us", "9": "ns"}.get(iso[3], "s" if iso[2] else "m" if iso[1] else "D")
        texts = np.datetime_as_string(clocks.astype(f"datetime64[{unit}]"))
        return [f"{text.replace('T', iso[1] or 'T')}{iso[4] or ''}" for text in texts.tolist()]
    part = next(iter(re.findall(r"%\df", form)), "%0f")
    nanoseconds = (clocks.astype(np.int64) % 10**9).tolist()
    moments = clocks.astype("datetime64[us]").tolist()
    return [
        written(at, form.replace(part, f"{ns:09d}"[: int(part[1])]))
        for at, ns in zip(moments, nanoseconds, strict=True)
    ]


def written(at: datetime, form: str) -> str:
    """A moment in a format with parts of `SHORT`."""
    for part, name in SHORT.items():
        form = form.replace(part, str(getattr(at, name)))
    return at.strftime(form)
