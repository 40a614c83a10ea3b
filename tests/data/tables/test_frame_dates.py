"""Columns of times in pandas data frames keep their type and time zone."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

from narrows.data.tables.frame_dates import ClockTexts, as_moments, clock_texts, moments, with_index
from narrows.data.tables.table import to_frame
from tests.samples import of_frame

ZONES = [None, "UTC", "Europe/Berlin"]


@pytest.mark.parametrize("zone", ZONES)
def test_times_of_a_data_frame_come_back_as_such(zone: str | None) -> None:
    when = pandas.date_range("2023-01-01 05:30", periods=40, freq="9D5h", tz=zone)
    frame = pandas.DataFrame({"when": when, "a": np.arange(40) % 7})
    frame.loc[3, "when"] = pandas.NaT
    data = of_frame(frame)
    assert data.schema.columns[0].nature == "date"
    back = to_frame(data.array, data.schema)
    assert back["when"].dtype == frame["when"].dtype
    pandas.testing.assert_series_equal(back["when"], frame["when"])


def test_an_hour_that_a_zone_skips_is_the_next() -> None:
    skipped = pandas.Series(["2024-03-31 02:30:00", None])
    found = as_moments(skipped, "datetime64[us, Europe/Berlin]")
    assert clock_texts(found) == ["2024-03-31 03:00:00", None]


def test_moments_are_in_utc_on_both_sides_of_a_change_of_the_clock() -> None:
    when = pandas.Series(pandas.date_range("2024-10-27", periods=5, freq="h", tz="Europe/Berlin"))
    found = moments(when)
    assert found.dtype == "datetime64[ns]"
    assert set(np.diff(found)) == {np.timedelta64(1, "h")}
    assert found[0] == np.datetime64("2024-10-26T22:00")


def test_the_index_becomes_columns_unless_it_numbers_rows() -> None:
    frame = pandas.DataFrame({"a": [1.0, 2.0]})
    assert list(with_index(frame).columns) == ["a"]
    assert list(with_index(frame.set_axis(pandas.Index([3, 5], name="k"))).columns) == ["k", "a"]
    assert list(with_index(frame.set_axis(pandas.Index([3, 5]))).columns) == ["", "a"]


def test_texts_are_made_when_they_are_wanted() -> None:
    when = pandas.Series(pandas.date_range("2024-10-27", periods=3, freq="h", tz="Europe/Berlin"))
    texts = ClockTexts(when)
    assert len(texts) == 3
    assert "texts" not in vars(texts)
    assert list(texts) == clock_texts(when)
    assert texts[1:] == clock_texts(when)[1:]
