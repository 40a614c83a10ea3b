"""Columns of times in pandas data frames, as text and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def clock_texts(series: Series[Any]) -> list[str | None]:
    """The times of a column as text in ISO 8601, in its own time zone, without the offset; None for NaT."""
    clocks = series.dt.tz_localize(None)
    return [
        None if missing else str(text)
        for text, missing in zip(clocks.astype(str), clocks.isna(), strict=True)
    ]


def moments(series: Series[Any]) -> NDArray[np.datetime64]:
    """The times of a column, `(rows,)` of datetime64[ns] in UTC; without a time zone as they are."""
    clocks = series if series.dt.tz is None else series.dt.tz_convert("UTC").dt.tz_localize(None)
    return clocks.to_numpy().astype("datetime64[ns]")


def with_index(frame: DataFrame) -> DataFrame:
    """A data frame with its index as columns in front, unless that numbers the rows."""
    import pandas

    if isinstance(frame.index, pandas.RangeIndex):
        return frame
    names = ["" if name is None else str(name) for name in frame.index.names]
    return frame.reset_index(names=names)


def as_moments(texts: Series[Any], dtype: str) -> Series[Any]:
    """Times of a pandas `dtype`, as "datetime64[ns, Europe/Berlin]", of texts as `clock_texts` gives them.

    An hour that a zone has twice is the second of them; one that it skips is the next after.
    """
    import pandas

    clocks = pandas.to_datetime(texts, format="ISO8601")
    zone = dtype.partition(", ")[2].rstrip("]")
    if zone:
        winter = np.zeros(len(clocks), dtype=np.bool_)
        clocks = clocks.dt.tz_localize(zone, ambiguous=winter, nonexistent="shift_forward")
    return clocks.astype(dtype)
