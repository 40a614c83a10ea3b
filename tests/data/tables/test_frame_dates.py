"""Columns of times in pandas data frames keep their type and time zone."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

from narrows.data.tables.frame_dates import as_moments, clock_texts
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
