"""Recognise the format of a column of dates or times of day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.tables.dates import EMPTY, Dates, cycles_of, moment

DAYS = (
    *("%d.%m.%Y", "%d.%m.%y", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%d. %B %Y"),
    *("%b %d %Y", "%b %d, %Y", "%B %d %Y", "%B %d, %Y", "%Y-%m", "%b %Y", "%B %Y", "%b-%y"),
    *(
        "%a, %d %b %Y",
        "%a %d %b %Y",
        "%A, %B %d, %Y",
    ),
)
"""Formats of dates beside those of ISO 8601; of several that fit equally well the first is taken."""

CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
"""Formats of times of day."""

WHOLE = (*CLOCKS, "%a %b %d %H:%M:%S %Y", "%Y%m%d")
"""Formats that no time of day follows."""

FORMATS = (*WHOLE, *(f"{day}{clock}" for day in DAYS for clock in ("", *(f" {each}" for each in CLOCKS))))
"""All formats that are tried."""

ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]?)(\d\d:\d\d)?(:\d\d)?([.,]\d+)?(Z| UTC|[+-]\d\d(?::?\d\d)?)?")
"""Dates of ISO 8601, with the separator, the minutes, the seconds, their fraction and the offset."""

LIKELY = re.compile(r"\d[/:-]\d|\d\.\d+\.|\d[ -][A-Za-z]{3}|\d\. [A-Z]|[A-Za-z]{3}[ -]\d|^(?:19|20)\d{6}$")
"""What every date and time of day has, and few other words."""

COMPACT, FEWEST_COMPACT = "%Y%m%d", 10
"""Numbers such as 20240131 are dates if all are; so many different ones are not all dates by chance."""

STRICT = re.compile(r"(\d\d\.\d\d\.\d\d\b.*|(?!\d{1,3}\.\d+\.\d\d?\b).*)(?<!:\d)")
"""Days and months in front of a short year after points, and minutes, have two digits: 1.2.10 is no date."""

SAMPLE, LEAST_SHARE = 20, 0.5
"""Words that each format is tried on, and the share of the words that it must read."""

CHECKED = 200
"""Words that are looked at to see whether numbers below 10 have a zero in front."""


class DatesFound(NamedTuple):
    """The dates of a column; `unclear` if day and month cannot be told apart."""

    dates: Dates
    unclear: bool = False


def recognise(words: Sequence[str]) -> DatesFound | None:
    """The format of `words`, the cells of a column that are not missing; None if most are no dates."""
    distinct = [word for word in dict.fromkeys(words) if not word.startswith(EMPTY)]
    # Most columns are told from dates by a few cells.
    sample = distinct[:: max(1, len(distinct) // SAMPLE)]
    if 2 * sum(LIKELY.search(word) is not None for word in sample) <= len(sample):
        return None
    form, unclear = (iso_format(distinct), False) if is_iso(distinct) else usual_format(distinct)
    if not form:
        return None
    moments = [found for word in distinct if (found := moment(word, form)) is not None]
    if len(moments) <= LEAST_SHARE * len(distinct):
        return None
    dates = dated(np.array(moments, dtype="datetime64[us]"), form)
    short = replace(dates, padded=False)
    return DatesFound(max((dates, short), key=lambda each: as_written(each, distinct[:CHECKED])), unclear)


def dated(moments: NDArray[Any], form: str) -> Dates:
    """How the cells of a column with these `moments (n,)` of datetime64 are read, in the format `form`."""
    known = moments[~np.isnat(moments)]
    return Dates(form, str(known.min().astype("datetime64[D]")), cycles_of(known, form))


def as_written(dates: Dates, words: Sequence[str]) -> int:
    """How many of `words` are written as they came."""
    days = dates.days(words)
    known = [(word, day) for word, day in zip(words, days, strict=True) if day is not None]
    again = dates.text(np.array([day for _, day in known]))
    return sum(word == text for (word, _), text in zip(known, again, strict=True))


def is_iso(words: Sequence[str]) -> bool:
    """Whether most of `words` are dates of ISO 8601."""
    return sum(ISO.fullmatch(word) is not None for word in words) > LEAST_SHARE * len(words)


def iso_format(words: Sequence[str]) -> str:
    """The format of dates of ISO 8601, as exact as the most exact of them."""
    found = [match.groups() for word in words if (match := ISO.fullmatch(word))]
    separator, minutes, seconds, fraction, offset = (
        next(filter(None, each), "") for each in zip(*found, strict=True)
    )
    zone = offset if offset in ("", "Z", " UTC") else "+00:00"
    clock = "%H:%M" + ":%S" * bool(seconds) + ".%f" * bool(fraction)
    return f"%Y-%m-%d{separator}{clock}{zone}" if minutes else "%Y-%m-%d"


def usual_format(words: Sequence[str]) -> tuple[str, bool]:
    """The format that reads most of the distinct `words`, in their order, empty if none does.

    Of two that read as many, day and month in another order, that one is taken in which all dates are
    the first of a month, or in which they are in the order of time. The second result says whether neither
    decides.
    """
    sample = words[:: max(1, len(words) // SAMPLE)]
    read = {form: moments for form in FORMATS if (moments := tried(sample, form))}
    read = {form: tried(words, form) for form in read}
    most = max(map(len, read.values()), default=0)
    best = {form: moments for form, moments in read.items() if len(moments) == most > 0}
    for telling in (first_of_month, in_order):
        told = [form for form, moments in best.items() if telling(moments)]
        if len(best) > 1 and len(told) == 1:
            return told[0], False
    return next(iter(best), ""), len(best) > 1


def tried(words: Sequence[str], form: str) -> list[datetime]:
    """The moments of `words` in the format `form`; nothing if it does not read most of them."""
    moments = (moment(word, form) for word in words if STRICT.fullmatch(word))
    found = [each for each in moments if each is not None]
    if form == COMPACT and len(found) < max(len(words), FEWEST_COMPACT):
        return []
    return found if len(found) > LEAST_SHARE * len(words) else []


def about_order(name: str, dates: Dates) -> str:
    """The sentence about a column `name` in which day and month cannot be told apart."""
    month_first = dates.format.index("%m") < dates.format.index("%d")
    order = "month, day, year" if month_first else "day, month, year"
    return (
        f"Day and month cannot be told apart in the dates of {name!r}: they are read as {order}; write them "
        f"as 2024-01-31 if that is wrong."
    )


def first_of_month(moments: Sequence[datetime]) -> bool:
    return all(each.day == 1 for each in moments)


def in_order(moments: Sequence[datetime]) -> bool:
    return all(a <= b for a, b in pairwise(moments)) or all(a >= b for a, b in pairwise(moments))
