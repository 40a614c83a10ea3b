"""Find the column of times in a table: dates, times since 1970, or numbers that rise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.columns import Array
from narrows.data.recordings.moments import EPOCHS, Times, epoch_unit, from_dates, from_epochs
from narrows.data.recordings.recording import TimeAxis
from narrows.data.recordings.sampling import ALIKE
from narrows.data.tables.cells import Cells
from narrows.data.tables.date_formats import about_order, recognise
from narrows.data.tables.dates import is_clock
from narrows.data.tables.notation import number
from narrows.data.tables.table import Table, dates_in, in_words

UNIT = r"\W*_?(?:in )?(?:s|sec|seconds|ms|msec|us|ns|min|minutes|h|hours|d|days|utc|unix)?\W*"
"""A unit behind the name of a column, as in `Time (s)`."""

NAMED = re.compile(rf"(?:date|time|date[ _-]?time|time[ _-]?stamp|epoch|elapsed[ _-]?time){UNIT}", re.I)
"""Names of columns of numbers that are times if most of them rise."""

SHORT = re.compile(rf"(?:t|ts|s|sec|seconds?|ms|min|minutes?|hours?|elapsed){UNIT}", re.I)
"""Names of columns of numbers that are times if four fifths of them rise."""

ROWS = re.compile(r"(?:.*[ _-])?id|row.*|unnamed.*|n[or]\.?|number|#", re.I)
"""Names of columns that number rows."""

FIRST_DAY, LAST_DAY = 19000101, 20991231
"""The first and the last number that is a day as 20240131."""

DOTTED = re.compile(r"\d\d?\.\d\d\.\d\d")
"""A time of day with points, which only beside a date is taken for one."""

EQUAL = 0.01
"""Numbers that rise by steps that differ less than this from each other are times."""

LEAST_ROWS = 3
"""Fewer rows do not tell whether a column rises by equal steps."""


def find_times(table: Table, names: Sequence[str], owner: NDArray[np.intp]) -> Times | None:
    """The times in one of the columns `names`; None if none of them holds times.

    The first column of dates that is not constant is taken, with the times of day in another column if it has
    none; then a column of numbers: by its name, as times since 1970, or as numbers that rise by equal steps.

    Args:
        table: the table.
        names: columns with no other use.
        owner: `(rows,)`, the number of the recording that each row belongs to.
    """
    dates = [found for name in names if (found := date_times(table, name)) and varies(found.values)]
    days = [found for found in dates if not is_clock_axis(found.axis)]
    if days and (joined := with_clock(days[0], dates, owner, table, names)):
        return joined
    if dates:
        return (days or dates)[0]
    numbers = {
        name: values
        for name in names
        if name and (values := numbers_in(table[name])) is not None and len(values) >= LEAST_ROWS
    }
    for is_time in (is_named, is_epoch, is_short, is_even):
        for name, values in numbers.items():
            if is_time(name, values, steps_of(values, owner)):
                return number_times(table, name, values)
    return None


def named_times(table: Table, name: str) -> Times:
    """The times in the column called `name`.

    Raises:
        InputError: when there is no such column, or it holds no times.
    """
    cells = table[name]
    found = date_times(table, name)
    values = numbers_in(cells) if found is None else None
    if found is None and values is None:
        words = table.words(name)
        row = next(i for i, word in enumerate(words) if word is not None)
        raise InputError(
            f"The column {name!r} of {table.file} holds no times: {table.place(row)} has {words[row]!r} in "
            f"it, which is neither a date nor a number; name another with --time."
        )
    return found or number_times(table, name, np.asarray(values))


def check_readable(table: Table, times: Times) -> None:
    """Refuse times of which one is missing or cannot be read.

    Raises:
        InputError: with the first such row.
    """
    name = times.axis.name
    if times.unreadable:
        row = times.unreadable[0]
        words = list(zip(*map(table.words, times.columns), strict=True))
        good = next(each for i, each in enumerate(words) if all(each) and i not in times.unreadable)
        raise InputError(
            f"{table.place(row)} has {in_one(words[row])!r} in {name!r}, which cannot be read as a time like "
            f"{in_one(good)!r}; correct it, or leave the row out."
        )
    missing = np.isnat(times.values) if times.values.dtype.kind == "M" else np.isnan(times.values)
    if missing.any():
        raise InputError(
            f"{table.place(int(missing.argmax()))} has no time in {name!r}; fill it in, or leave the row out."
        )


def in_one(words: Sequence[str | None]) -> str:
    """The words of a row in the columns of times, with a space between."""
    return " ".join(word or "" for word in words)


def date_times(table: Table, name: str) -> Times | None:
    """The dates or times of day of a column; None if it holds others."""
    cells = table[name]
    if cells.moments is not None:
        zone = cells.dtype.partition(", ")[2].rstrip("]")
        return Times(cells.moments, TimeAxis(name or "time", "date", zone=zone), columns=(name,))
    found = recognise(days_in(cells)) if isinstance(cells.values, np.ndarray) else dates_in(cells)
    if found is None:
        return None
    warnings = (about_order(name, found.dates),) if found.unclear else ()
    times = from_dates(table.words(name), found, name or "time")
    return times._replace(columns=(name,), warnings=warnings)


def days_in(cells: Cells) -> list[str]:
    """The numbers of a typed column as words, if all may be days as 20240131; nothing for others."""
    values = np.asarray(cells.values)
    known = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not len(known) or known.min() < FIRST_DAY or known.max() > LAST_DAY or (known % 1).any():
        return []
    return [str(int(value)) for value in known.tolist()]


def over_midnight(times: Times, owner: NDArray[np.intp]) -> Times:
    """Times of day as those of days that follow each other: one that falls by half a day is of the next."""
    if not is_clock_axis(times.axis):
        return times
    order = np.argsort(owner, kind="stable")
    clocks = times.values[order]
    falls = np.diff(clocks, prepend=clocks[:1]) < -np.timedelta64(12, "h")
    days = np.cumsum(falls)
    starts = np.searchsorted(owner[order], owner[order])  # days are counted anew in each recording
    values = times.values.copy()
    values[order] = clocks + (days - days[starts]) * np.timedelta64(1, "D")
    return times._replace(values=values)


def is_clock_axis(axis: TimeAxis) -> bool:
    """Whether times have no date."""
    return bool(axis.format) and axis.format not in EPOCHS and is_clock(axis.format)


def with_clock(
    days: Times, dates: Sequence[Times], owner: NDArray[np.intp], table: Table, names: Sequence[str]
) -> Times | None:
    """Dates without times of day, joined with the times of day in another column; None if there is none."""
    if not days.axis.format or re.search("%-?[HI]", days.axis.format):
        return None
    if (steps_of(days.values.astype(np.int64).astype(np.float64), owner) > 0).all():
        return None
    found = (each for each in dates if is_clock_axis(each.axis))
    dotted = (clock for name in names if (clock := dotted_clock(table, name)))
    clock = next(found, None) or next(dotted, None)
    if clock is None:
        return None
    origin = np.datetime64("1970-01-01", "ns")
    axis = replace(
        days.axis,
        name=f"{days.axis.name} {clock.axis.name}",
        format=f"{days.axis.format} {clock.axis.format}",
    )
    columns = (*days.columns, *clock.columns)
    unreadable = (*days.unreadable, *clock.unreadable)
    return Times(days.values + (clock.values - origin), axis, unreadable, columns, days.warnings)


def dotted_clock(table: Table, name: str) -> Times | None:
    """The times of day in a column that has points in them, as 18.00.00; None for other columns."""
    words = table.words(name)
    if not all(word is None or DOTTED.fullmatch(word) for word in words):
        return None
    found = recognise([word.replace(".", ":") for word in words if word is not None])
    if found is None:
        return None
    times = from_dates([word and word.replace(".", ":") for word in words], found, name)
    axis = replace(times.axis, format=times.axis.format.replace(":", "."))
    return times._replace(axis=axis, columns=(name,))


def numbers_in(cells: Cells) -> NDArray[np.float64] | None:
    """The cells of a column of numbers, NaN where one is missing or no number; None for other columns."""
    if isinstance(cells.values, np.ndarray):
        return cells.values.astype(np.float64) if cells.values.dtype.kind in "uif" else None
    if in_words(cells):
        return None
    found = [np.nan if cell is None else number(cell) for cell in cells.values]
    return np.array([np.nan if each is None else each for each in found])


def number_times(table: Table, name: str, values: NDArray[np.float64]) -> Times:
    """The numbers of a column as times: since 1970, if they are, else as they are."""
    cells = table[name].values
    texts = [] if isinstance(cells, np.ndarray) else cells
    unreadable = (i for i, text in enumerate(texts) if text is not None and np.isnan(values[i]))
    unit = epoch_unit(values)
    found = from_epochs(values, unit, name) if unit else Times(values, TimeAxis(name, "number"))
    return found._replace(unreadable=tuple(unreadable), columns=(name,))


def varies(values: Array) -> bool:
    """Whether times are not all the same."""
    return len(values) < 2 or bool((values != values[0]).any())


def steps_of(values: NDArray[np.float64], owner: NDArray[np.intp]) -> NDArray[np.float64]:
    """The differences of numbers that follow each other in the same recording, without missing ones."""
    order = np.argsort(owner, kind="stable")
    order = order[np.isfinite(values[order])]
    same = np.diff(owner[order]) == 0
    return np.diff(values[order])[same]


def is_named(name: str, values: NDArray[np.float64], steps: NDArray[np.float64]) -> bool:
    return NAMED.fullmatch(name) is not None and 2 * int((steps > 0).sum()) > len(steps)


def is_short(name: str, values: NDArray[np.float64], steps: NDArray[np.float64]) -> bool:
    return SHORT.fullmatch(name) is not None and 5 * int((steps > 0).sum()) >= 4 * len(steps) > 0


def is_epoch(name: str, values: NDArray[np.float64], steps: NDArray[np.float64]) -> bool:
    if not len(steps) or (values % 1 > 0).any() or not (steps > 0).all():
        return False
    alike = np.abs(steps - np.median(steps)) <= ALIKE * np.median(steps)
    return bool(epoch_unit(values)) and 2 * int(alike.sum()) > len(steps)  # counters rise by unlike steps


def is_even(name: str, values: NDArray[np.float64], steps: NDArray[np.float64]) -> bool:
    if ROWS.fullmatch(name) or len(steps) < LEAST_ROWS - 1 or not (steps > 0).all():
        return False
    return float(steps.max() - steps.min()) <= EQUAL * float(np.median(steps))
