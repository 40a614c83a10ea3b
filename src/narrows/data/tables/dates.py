"""Dates and times of day in a column of a table: how they are read as days, and written as they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError

CYCLES = {"year": 365.2425, "week": 7.0, "day": 1.0}
"""The cycles that a date has a place in, and their lengths in days."""

STEPS = {"%f": 1e-6, "%S": 1.0, "%M": 60.0}
"""The seconds to which a format that has one of these, the first of them, is exact; others to a day."""


LARGEST_EXACT = 2**53
"""The largest number of microseconds that a float holds as any below."""

EMPTY = "0000-00-00"
"""How MySQL writes a missing date."""


@dataclass(frozen=True, slots=True)
class Dates:
    """How the cells of a column are read as days, and written.

    Attributes:
        format: of a cell, as `datetime.strftime` takes it.
        origin: the day from which days are counted, as 2024-01-31.
        cycles: keys of `CYCLES`, whose sine and cosine a model gets beside the days.
        padded: whether days, months and hours below 10 have a zero in front.
    """

    format: str
    origin: str = "1970-01-01"
    cycles: tuple[str, ...] = ()
    padded: bool = True

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Dates:
        """The record that was stored in a run.

        Raises:
            InputError: if it describes no dates.
        """
        try:
            cycles = tuple(record["cycles"])
            found = cls(str(record["format"]), record["origin"], cycles, bool(record["padded"]))
            date.fromisoformat(found.origin)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{record!r} does not describe a column of dates.") from error
        if "%" not in found.format or not set(found.cycles) <= set(CYCLES):
            raise InputError(f"{record!r} does not describe a column of dates.")
        return found

    @property
    def parts(self) -> tuple[str, ...]:
        """A name of each value that a model gets."""
        around = (f"time of {cycle}, {which}" for cycle in self.cycles for which in ("sine", "cosine"))
        return ("", *around)

    @property
    def shown(self) -> tuple[int, int]:
        """Which characters of a moment as 2024-01-31T12:30:00 a live page shows."""
        exact = 19 if "%S" in self.format else 16 if "%M" in self.format else 10
        return (11 if is_clock(self.format) else 0), exact

    @property
    def start(self) -> datetime:
        """The moment that is 0 days."""
        return datetime.fromisoformat(self.origin)

    @property
    def step(self) -> timedelta:
        """To what the format is exact."""
        return timedelta(seconds=next((STEPS[part] for part in STEPS if part in self.format), 86400.0))

    def days(self, words: Sequence[str | None]) -> list[float | None]:
        """The cells in days since the origin: NaN for None, None for what is no date."""
        known: dict[str | None, float | None] = {None: np.nan}
        for word in {word for word in words if word is not None}:
            found = moment(word, self.format)
            empty = word.startswith(EMPTY)
            days = None if found is None else (found - self.start) / timedelta(days=1)
            known[word] = np.nan if empty else days
        return [known[word] for word in words]

    def days_of(self, moments: NDArray[Any]) -> NDArray[np.float64]:
        """Moments `(n,)` of datetime64[us] in days since the origin, NaN for NaT."""
        passed, day = (moments - np.datetime64(self.start)).astype(np.int64), timedelta(days=1)
        days = passed / (day // timedelta(microseconds=1))
        missing = np.isnat(moments)
        for row in np.flatnonzero((np.abs(passed) > LARGEST_EXACT) & ~missing):
            days[row] = timedelta(microseconds=int(passed[row])) / day
        days[missing] = np.nan
        return days

    def text(self, days: NDArray[Any]) -> list[str | None]:
        """Cells `(n,)` in days since the origin as text, None where one is missing."""
        return [None if np.isnan(each) else self._written(float(each)) for each in days]

    def _written(self, days: float) -> str:
        try:
            found = self.start + round(days / (self.step / timedelta(days=1))) * self.step
        except OverflowError:  # beyond the years 1 to 9999
            found = datetime.max if days > 0 else datetime.min
        short = {"%d": found.day, "%m": found.month, "%H": found.hour, "%I": found.hour % 12 or 12}
        form = self.format
        for part, number in short.items() if not self.padded else ():
            form = form.replace(part, str(number))
        return found.strftime(form)


STAND_INS = tuple(map(datetime.fromisoformat, ("0001-01-01", "1899-12-30", "1900-01-01", "1970-01-01")))
"""Days that often stand for a missing date; all from the year 2099 do so as well."""


def stand_in(days: NDArray[Any], dates: Dates) -> tuple[str, int] | None:
    """The date that seems to stand for missing ones, as `days (n,)` have it, and how often it occurs.

    It occurs twice or more, is a usual one, and is further from all others than these are from each other.
    """
    levels, counts = np.unique(days[np.isfinite(days)], return_counts=True)
    if len(levels) < 4 or is_clock(dates.format):
        return None
    for end, others in ((0, levels[1:]), (-1, levels[:-1])):
        found = dates.start + timedelta(days=float(levels[end]))
        usual = found.year >= 2099 or found.replace(hour=0, minute=0, second=0, microsecond=0) in STAND_INS
        if counts[end] > 1 and usual and np.abs(others - levels[end]).min() > others[-1] - others[0]:
            return str(dates.text(levels[[end]])[0]), int(counts[end])
    return None


def moment(word: str, form: str) -> datetime | None:
    """The moment that `word` names in the format `form`, or in that of ISO 8601; None if it names none.

    Times with an offset become UTC.

    >>> moment("31.12.2024", "%d.%m.%Y"), moment("2024-01-05T01:00+02:00", "%d.%m.%Y")
    (datetime.datetime(2024, 12, 31, 0, 0), datetime.datetime(2024, 1, 4, 23, 0))
    """
    try:
        # A word in ISO 8601 is read much faster so, and unambiguous whatever the format is.
        if word[4:5] == word[7:8] == "-" and not is_clock(form) and "%p" not in form:
            found = datetime.fromisoformat(word.replace(" UTC", "Z"))
            return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
        found = datetime.strptime(word, form)
        return found.replace(year=1970) if is_clock(form) else found
    except (ValueError, OverflowError):
        return None


def is_clock(form: str) -> bool:
    """Whether a format has a time of day only."""
    return "%Y" not in form and "%y" not in form


def cycles_of(moments: NDArray[Any], form: str) -> tuple[str, ...]:
    """The cycles that the `moments (n,)` of a column go around more than once, and in which they vary."""
    dates, months = moments.astype("datetime64[D]"), moments.astype("datetime64[M]")
    days = float((moments.max() - moments.min()) / np.timedelta64(1, "D"))
    clocks = vary(moments - dates)
    if is_clock(form):
        return ("day",) if clocks else ()
    varying = {
        "year": days > CYCLES["year"] and vary(months.astype(np.int64) % 12),
        "week": days > CYCLES["week"] and vary(dates.astype(np.int64) % 7) and vary(dates - months),
        "day": days > CYCLES["day"] and clocks,
    }
    return tuple(cycle for cycle, used in varying.items() if used)


def vary(values: NDArray[Any]) -> bool:
    """Whether not all `values (n,)` are equal."""
    return bool((values != values[0]).any())
