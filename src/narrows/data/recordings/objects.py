"""Recordings in objects of Python: arrays, lists of arrays, and data frames."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from narrows.data.reading import INFERRED, Reading
from narrows.data.recordings.arrays import in_array, loaded, stacked
from narrows.data.recordings.merged import merged
from narrows.data.recordings.recording import Loaded
from narrows.data.recordings.tables import in_table, whole_table
from narrows.data.sources import InMemory
from narrows.data.tables.frame_dates import with_index
from narrows.data.tables.table import Table, from_frame


def recordings_of(X: Any, how: Reading = INFERRED, name: str = "X") -> Loaded | None:
    """The recordings in `X`, of which `examples.from_loaded` makes examples.

    Args:
        X: a list of arrays `(time,)` or `(time, channels)`, or of data frames, one recording each; a data
            frame of pandas, polars or pyarrow with an index or a column of times, or a series of pandas; with
            a window, or a single axis, an array.
        how: the options of recordings: `time`, `id`, `every`, `window` and `stride`, and those of columns.
        name: for messages.

    Returns:
        None where `X` holds sequences of one length: an array `(n, time[, channels])` without a window, or a
        data frame whose columns are numbered as time steps are.

    Raises:
        InputError: for what holds no recordings, or recordings that do not fit to each other.
    """
    if is_frame(X):
        return in_table(table_in(X, name), name, how)
    if isinstance(X, (list, tuple)) and len(X) and all(map(is_frame, X)):
        return merged(
            {f"{name}[{i}]": in_one(each, f"{name}[{i}]", how) for i, each in enumerate(X)}, name, how
        )
    if isinstance(X, (list, tuple)) and any(np.ndim(each) > 0 for each in X):
        return loaded(stacked(X, name), name)
    return in_array(InMemory(np.atleast_1d(np.asarray(X))), name, how)


def is_frame(X: Any) -> bool:
    """Whether `X` is a data frame, or a series of pandas."""
    return hasattr(X, "to_pandas") or hasattr(X, "iloc")


def table_in(X: Any, name: str) -> Table:
    """The columns of a data frame, with those of its index."""
    frame = X if hasattr(X, "iloc") else X.to_pandas()
    if frame.ndim == 1:
        frame = frame.to_frame("value" if frame.name is None else frame.name)
    return from_frame(with_index(frame), name)


def in_one(X: Any, name: str, how: Reading) -> Loaded:
    """The recordings of one of several data frames."""
    table = table_in(X, name)
    dropped = tuple(column for column in how.drop if column in table.columns)
    return whole_table(table, name, replace(how, drop=dropped, groups=None))
