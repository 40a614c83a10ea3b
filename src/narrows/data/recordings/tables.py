"""Recordings in the rows of a table: a column for each channel, and perhaps one of times and one of ids."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, few
from narrows.core.shell import listed_name, quoted
from narrows.data.columns import Array, Column
from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.reading import NO_TIMES, Reading
from narrows.data.recordings.moments import Times
from narrows.data.recordings.recording import Loaded, Place, Recording, Recordings, TimeAxis
from narrows.data.recordings.time_column import (
    check_readable,
    find_times,
    named_times,
    numbers_in,
    over_midnight,
)
from narrows.data.tables.cells import Cells
from narrows.data.tables.table import Table
from narrows.data.tables.use import classes, nameless, without

NUMBERED = re.compile(r"(\D*)(\d+)")
"""The name of a column with a number at its end."""

FEWEST_STEPS = 3
"""So many columns with numbered names, or more, may be the time steps of one channel."""


class Rows(NamedTuple):
    """Which recording each row of a table belongs to.

    Attributes:
        owner: `(rows,)`, its number.
        names: of the recordings, in the order of their first rows.
    """

    owner: NDArray[np.intp]
    names: tuple[str, ...]


def in_table(table: Table, name: str, how: Reading) -> Loaded | None:
    """The recordings of a table; None if each row is a sequence of its own.

    That is so if the columns are numbered as time steps are, and neither times nor ids that repeat are found.

    Raises:
        InputError: for words in a channel, and times that cannot be read.
    """
    rows = rows_of(table, name, how)
    times = times_of(table, rows, how)
    if times is None and len(rows.names) in (1, len(rows.owner)) and are_steps(table, how):
        return None
    return recordings_of_rows(table, name, how, rows, times)


def whole_table(table: Table, name: str, how: Reading) -> Loaded:
    """The recordings of a table whose columns are channels; errors as of `in_table`."""
    rows = rows_of(table, name, how)
    return recordings_of_rows(table, name, how, rows, times_of(table, rows, how))


def checked_times(table: Table, times: Times | None, how: Reading) -> Times | None:
    """Times of which none is missing, or counted time steps if `how` asks for them."""
    if how.time == NO_TIMES:
        times = times and Times(times.values, TimeAxis(), columns=times.columns)
    elif times is not None:
        check_readable(table, times)
    return times


def rows_of(table: Table, name: str, how: Reading) -> Rows:
    """The recording of each row, which the column `how.id` names; one for all rows if there is none."""
    lacks = how.like is not None and how.id not in table.columns  # a fitted model needs no ids
    count = len(next(iter(table.columns.values())).values)
    if how.id is None or lacks:
        return Rows(np.zeros(count, dtype=np.intp), (name,))
    ids = table.text(how.id)
    if "" in ids:
        raise InputError(
            f"{table.place(ids.index(''))} has no id in {how.id!r}; fill it in, or leave the row out."
        )
    numbers = {each: i for i, each in enumerate(dict.fromkeys(ids))}
    return Rows(np.array([numbers[each] for each in ids], dtype=np.intp), tuple(numbers))


def times_of(table: Table, rows: Rows, how: Reading) -> Times | None:
    """The times that `how` names, or that are found."""
    if how.time not in (None, NO_TIMES):
        return named_times(table, str(how.time))
    used = {how.id, how.label, how.groups, *how.columns}
    free = [column for column in table.columns if column not in used]
    return find_times(table, free, rows.owner)


def are_steps(table: Table, how: Reading) -> bool:
    """Whether the columns of a table are the time steps of one channel: their names are numbered.

    Those of a model are if it was fitted to such rows.
    """
    if how.time is not None or how.window is not None or how.every is not None:
        return False
    if isinstance(how.like, SequenceSchema):
        return how.like.axes == "T"
    found = [NUMBERED.fullmatch(name) for name in values_in(table, how, ())]
    known = [(each[1], int(each[2])) for each in found if each is not None]
    numbers = [n for _, n in known]
    rise = all(b == a + 1 for a, b in pairwise(numbers))
    return len(known) == len(found) >= FEWEST_STEPS and len({stem for stem, _ in known}) == 1 and rise


def values_in(table: Table, how: Reading, times: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns of values: those that `how` or a model names, or all with no other use."""
    known = how.like.channels if isinstance(how.like, SequenceSchema) else ()
    if known and set(known) <= set(table.columns):
        return known
    beside = {how.label, how.id, how.groups, "", *times}
    others = tuple(column for column in table.columns if column not in beside)
    dropped = tuple(name for name in how.drop if name not in times)
    return without(how.columns or others, dropped, table if how.like is None else None)


def recordings_of_rows(table: Table, name: str, how: Reading, rows: Rows, times: Times | None) -> Loaded:
    """The recordings that the rows of a table belong to."""
    times = checked_times(table, times, how)
    channels = values_in(table, how, times.columns if times else ())
    if not channels:
        raise InputError(f"{table.file} has no column of values beside its times; add one for each channel.")
    values, warnings = numbers(table, channels, how)
    labels = classes(table, how.label) if how.label in table.columns and how.label else None
    index = [np.asarray(part) for part in parts(rows)]
    over_time = over_midnight(times, rows.owner) if times and times.axis.unit != "step" else None
    each = tuple(
        Recording(
            label,
            values[part],
            None if over_time is None else over_time.values[part],
            None if labels is None else labels[part],
        )
        for label, part in zip(rows.names, index, strict=True)
    )
    axis = over_time.axis if over_time else TimeAxis()
    recordings = Recordings(each, channels, axis, how.id or "id")
    return Loaded(
        recordings,
        name,
        (
            *table.notes,
            *(() if times and "" in times.columns else nameless(table, None)),
            *about_no_times(table, how, times),
        ),
        (*warnings, *(over_time.warnings if over_time else ())),
        labels_of_each(recordings),
        groups_of(table, how, index),
        tuple(place_in(table, part) for part in index),
    )


def parts(rows: Rows) -> list[NDArray[np.intp]]:
    """The numbers of the rows of each recording, in order."""
    order = np.argsort(rows.owner, kind="stable")
    ends = np.cumsum(np.bincount(rows.owner, minlength=len(rows.names)))[:-1]
    return np.split(order, ends)


def place_in(table: Table, part: NDArray[np.intp]) -> Place:
    """The place in its file of a time step of the recording in the rows `part`."""
    return lambda step: table.place(int(part[step]))


def about_no_times(table: Table, how: Reading, times: Times | None) -> tuple[str, ...]:
    """A sentence about a table whose time steps are counted."""
    if how.time == NO_TIMES:
        left = f"; {few(list(times.columns))} is left out" if times else ""
        return (f"Time steps are counted, as --time {NO_TIMES} asks{left}.",)
    if times is None:
        return (f"No column of times is found in {table.file}: time steps are counted (--time names one).",)
    return ()


def numbers(table: Table, channels: tuple[str, ...], how: Reading) -> tuple[Array, tuple[str, ...]]:
    """The values of columns `(rows, channels)`, booleans as 0 and 1, and sentences about them.

    Raises:
        InputError: for a column of words or dates.
    """
    if how.like is not None:
        natures = [table.described(name) for name in channels]
        known = [each if each.nature == "boolean" else Column(each.name) for each in natures]
        found = table.read_as(known)
        return found.used_as(how.unknown), found.warnings(table.file, how.unknown)
    plain = [numbers_in(table[name]) for name in channels]
    others = [name for name, column in zip(channels, plain, strict=True) if not is_plain(column, table[name])]
    check_numbers(table, others)
    columns = dict(zip(channels, plain, strict=True))
    if others:
        columns |= zip(others, table.read(others, all_wanted=True).values.T, strict=True)
    return np.stack([np.asarray(column) for column in columns.values()], axis=1), ()


def is_plain(column: Array | None, cells: Cells) -> bool:
    """Whether all cells of a column are numbers or missing."""
    if column is None or isinstance(cells.values, np.ndarray):
        return column is not None
    missing = sum(cell is None for cell in cells.values)
    return missing == int(np.isnan(column).sum())


def check_numbers(table: Table, names: Sequence[str]) -> None:
    """Refuse columns of words or dates.

    Raises:
        InputError: with the first of them.
    """
    for column in map(table.described, names):
        if column.dates is not None or column.nature == "category":
            held = "dates" if column.dates is not None else f"words ({few(column.levels, 3)})"
            name = quoted(listed_name(column.name))
            names = "" if column.dates is not None else f", or, if it names the recordings, give --id {name}"
            raise InputError(
                f"The column {column.name!r} of {table.file} holds {held}, but the channels of recordings "
                f"are numbers; leave it out: --drop {name}{names}."
            )


def labels_of_each(recordings: Recordings) -> Array | None:
    """The label of each of several recordings, if all time steps of a recording have the same."""
    found = [each.labels for each in recordings]
    if len(found) < 2 or any(labels is None or len(np.unique(labels)) > 1 for labels in found):
        return None
    return np.array([labels[0] for labels in found if labels is not None])


def groups_of(table: Table, how: Reading, index: Sequence[NDArray[np.intp]]) -> NDArray[np.intp] | None:
    """The group of each recording, which the column `how.groups` has in its first row.

    Raises:
        InputError: for rows of one recording.
    """
    if how.groups is None:
        return None
    texts = table.text(how.groups)
    if len(index) == 1:
        raise InputError(
            f"--groups keeps recordings together, but {table.file} is one; name the column of the recordings "
            f"with --id."
        )
    return np.unique([texts[part[0]] for part in index], return_inverse=True)[1]
