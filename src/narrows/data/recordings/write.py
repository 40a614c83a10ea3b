"""Write recordings: a table with the column of times as it came, or an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from narrows.core.files import new_file
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.formats import form_for, format_of
from narrows.data.recordings.examples import padded
from narrows.data.recordings.moments import EPOCHS
from narrows.data.recordings.recording import Recording, Recordings, TimeAxis
from narrows.data.recordings.time_texts import time_texts
from narrows.data.writers import write_array, write_csv, write_parquet

if TYPE_CHECKING:
    from pandas import DataFrame

FORMS = ("columns", "array")
"""The forms in which recordings are written, keys of `formats.FORMS`."""


def write_recordings(values: Sequence[Array], recordings: Recordings, target: Path) -> None:
    """Write values for each time step of recordings.

    A table has a column of ids where there are several recordings, then that of the times under its own name
    and in its own form, then the channels. An array is `(time, channels)` of one recording, else `(n, time,
    channels)` with NaN past the end of each; an `.npz` file has the arrays `X` and `lengths`.

    Args:
        values: for each recording `(time, channels)`.
        recordings: whose names, times and channels are written.
        target: a file.

    Raises:
        InputError: when a file of such a name cannot hold recordings, or it cannot be written.
        NoRoomError: when the disk is full.
    """
    if form_for("Recordings", target, FORMS) == "columns":
        write_columns(columns_of(values, recordings), recordings, target)
        return
    lengths = np.array([len(each) for each in values])
    whole = padded([Recording("", each) for each in values], int(lengths.max()))
    if format_of(target) == "npz":
        with new_file(target) as part, part.open("wb") as stream:
            np.savez_compressed(stream, X=whole, lengths=lengths)
    else:
        write_array(whole if len(values) > 1 else whole[0], target)


def columns_of(values: Sequence[Array], recordings: Recordings) -> dict[str, Array]:
    """The columns of a table of recordings: their ids, times and channels."""
    channels = dict(zip(recordings.channels, np.concatenate(values).T, strict=True))
    beside = places(recordings)
    if beside or len(channels) > 1:  # a line with nothing in it would not be read as a row
        channels = {name: without_nan(column) for name, column in channels.items()}
    return {**beside, **channels}


def places(recordings: Recordings) -> dict[str, Array]:
    """The columns that name the time steps: ids, if there are several recordings, and times if known."""
    names = np.repeat(np.array(recordings.names, dtype=object), recordings.lengths)
    ids = {recordings.id_name: names} if len(recordings) > 1 else {}
    times = [each.times for each in recordings if each.times is not None]
    axis = recordings.axis
    when = {axis.name: np.array(time_texts(np.concatenate(times), axis), dtype=object)} if times else {}
    return {**ids, **when}


def starts(data: Data) -> dict[str, Array]:
    """The times at which windows of recordings start, by the name of the column of times; else nothing."""
    found, patches = data.recordings, data.patches
    if found is None or patches is None or not found.axis.name:
        return {}
    texts = np.empty(len(patches.owner), dtype=object)
    for i, each in enumerate(found):
        rows = patches.owner == i
        assert each.times is not None
        texts[rows] = time_texts(each.times[patches.corners[rows, 0]], found.axis)
    return {found.axis.name: texts}


def without_nan(column: Array) -> Array:
    """A column with an empty cell for NaN."""
    if column.dtype.kind != "f" or not np.isnan(column).any():
        return column
    cells = column.astype(object)
    cells[np.isnan(column)] = None
    return cells


def write_columns(columns: Mapping[str, Array], recordings: Recordings, target: Path) -> None:
    """Write columns as text, or with types to a Parquet file."""
    if format_of(target) == "parquet":
        write_parquet(lambda: typed_frame(columns, recordings), target, ())
    else:
        write_csv(columns, target)


def typed_frame(columns: Mapping[str, Array], recordings: Recordings) -> DataFrame:
    """The data frame of columns, with the times as dates in their time zone or as numbers."""
    import pandas

    frame = pandas.DataFrame(columns)
    times = [each.times for each in recordings if each.times is not None]
    axis = recordings.axis
    if not times:
        return frame
    if is_number(axis):
        return frame.assign(**{axis.name: pandas.to_numeric(frame[axis.name])})
    moments = pandas.Series(np.concatenate(times))
    zoned = moments.dt.tz_localize("UTC").dt.tz_convert(axis.zone) if axis.zone else moments
    return frame.assign(**{axis.name: zoned})


def is_number(axis: TimeAxis) -> bool:
    """Whether times are written as numbers."""
    return axis.unit != "date" or axis.format in EPOCHS
