"""Columns of times in pandas data frames, as text and back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

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


class ClockTexts(Sequence["str | None"]):
    """The texts of `clock_texts`, made when the first of them is wanted: many rows take long.

    Args:
        series: a column of times.
    """

    def __init__(self, series: Series[Any]) -> None:
        self.series = series

    @cached_property
    def texts(self) -> list[str | None]:
        return clock_texts(self.series)

    def __len__(self) -> int:
        return len(self.series)

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[str | None]: ...
    def __getitem__(self, index: int | slice) -> str | list[str | None] | None:
        return self.texts[index]


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
