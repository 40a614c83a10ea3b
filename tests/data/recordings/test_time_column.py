from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.recordings.moments import Times
from narrows.data.recordings.time_column import check_readable, find_times, named_times, over_midnight
from narrows.data.tables.lines import Line
from narrows.data.tables.table import Table, from_frame
from narrows.data.tables.text import table_of


def table(text: str) -> Table:
    lines = [Line(f"Line {i + 1} of a.csv", line.split(",")) for i, line in enumerate(text.split())]
    return table_of(
        "a.csv", [Line(line.place, [cell.replace("_", " ") for cell in line.cells]) for line in lines]
    )


def found(text: str, owner: Sequence[int] | None = None) -> Times | None:
    read = table(text)
    rows = len(next(iter(read.columns.values())).values)
    return find_times(read, list(read.columns), np.array(owner or [0] * rows))


def column_of(text: str, owner: Sequence[int] | None = None) -> str:
    times = found(text, owner)
    return "" if times is None else times.axis.name


def test_dates_are_found_before_numbers() -> None:
    assert column_of("n,when,x\n1,2024-01-01,5\n2,2024-01-02,3\n3,2024-01-03,4\n") == "when"


def test_a_constant_date_is_no_time() -> None:
    assert column_of("made,when,x\n2024-01-01,2024-01-01,5\n2024-01-01,2024-01-02,3\n") == "when"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x,Time_(s)\n5,0\n3,0.4\n4,0.5\n5,0.9\n", "Time (s)"),
        ("x,t\n5,0\n3,0.4\n4,0.5\n5,0.9\n", "t"),
        ("x,t\n5,0\n3,0.4\n4,0.3\n5,0.9\n", ""),
        ("x,frame\n5,10\n3,20\n4,30\n5,40\n", "frame"),
        ("x,response_time\n5,10\n3,25\n4,30\n5,28\n", ""),
        ("x,y\n5,1400000000\n3,1400000060\n4,1400000120\n5,1400000400\n", "y"),
        ("x,y\n5,1\n3,5\n4,7\n", ""),
    ],
)
def test_numbers_are_times_by_their_name_or_their_steps(text: str, name: str) -> None:
    assert column_of(text) == name


def test_numbers_rise_within_each_recording() -> None:
    text = "x,k\n5,0\n3,0\n4,1\n6,1\n7,2\n1,2\n"
    assert column_of(text) == ""
    assert column_of(text, [0, 1, 0, 1, 0, 1]) == "k"


def test_numbers_since_1970_are_dates() -> None:
    times = found("time,x\n1400000000000,1\n1400000060000,2\n1400000120000,5\n")
    assert times is not None
    assert times.axis.unit == "date"
    assert np.diff(times.values).tolist() == [60 * 10**9] * 2


def test_a_date_and_a_time_of_day_are_joined() -> None:
    times = found("Date,Time,x\n31/12/2023,23:59:00,1\n01/01/2024,00:00:00,2\n01/01/2024,00:01:00,3\n")
    assert times is not None
    assert times.axis.name == "Date Time"
    assert times.values[-1] == np.datetime64("2024-01-01T00:01")
    assert times.axis.format == "%d/%m/%Y %H:%M:%S"


def test_a_time_of_day_may_have_points_beside_a_date() -> None:
    times = found("Date,Time,x\n10/03/2004,18.00.00,1\n10/03/2004,19.00.00,2\n30/03/2004,00.00.00,3\n")
    assert times is not None
    assert times.axis.format == "%d/%m/%Y %H.%M.%S"
    assert times.values[1] == np.datetime64("2004-03-10T19:00")


def test_times_of_day_go_on_after_midnight() -> None:
    read = table("clock,x\n23:58,1\n23:59,2\n00:00,3\n23:30,5\n00:30,6\n")
    times = find_times(read, ["clock", "x"], np.array([0, 0, 0, 1, 1]))
    assert times is not None
    steps = np.diff(over_midnight(times, np.array([0, 0, 0, 1, 1])).values).astype("timedelta64[m]")
    assert steps[[0, 1, 3]].tolist() == [timedelta(minutes=1), timedelta(minutes=1), timedelta(hours=1)]


def test_a_missing_time_hides_no_column_of_times() -> None:
    assert column_of("x,y\n5,1400000000\n3,1400000060\n4,\n5,1400000180\n2,1400000240\n") == "y"


def test_counters_are_no_times_since_1970() -> None:
    rise = np.random.default_rng(0).integers(1, 10**6, 30).cumsum() + 1_400_000_000
    assert column_of("n,x\n" + "".join(f"{n},{n % 7}\n" for n in rise)) == ""


def test_whole_numbers_of_a_typed_column_may_be_days() -> None:
    days = pandas.DataFrame(
        {"date": [20240130, 20240131, 20240201] + [20240202 + k for k in range(9)], "x": range(12)}
    )
    times = find_times(from_frame(days, "X"), ["date", "x"], np.zeros(12, dtype=np.intp))
    assert times is not None
    assert set(np.diff(times.values)) == {np.timedelta64(1, "D")}


def test_a_named_column_must_hold_times() -> None:
    read = table("a,b\nx,1\ny,2\nx,5\n")
    assert named_times(read, "b").axis.unit == "number"
    with pytest.raises(
        InputError, match=r"Line 2 of a.csv has 'x' in it, which is neither a date nor a number"
    ):
        named_times(read, "a")
    with pytest.raises(InputError, match="no column 'c'"):
        named_times(read, "c")


def test_the_row_of_a_time_that_cannot_be_read_is_named() -> None:
    dates = table("t,x\n2024-01-01,1\nlater,2\n2024-01-03,3\n")
    with pytest.raises(InputError, match=r"Line 3 of a.csv has 'later' in 't', .* like '2024-01-01'"):
        check_readable(dates, named_times(dates, "t"))
    numbers = table("t,x\n0.5,1\n1.0,2\nlater,3\n")
    with pytest.raises(InputError, match=r"Line 4 of a.csv has 'later' in 't', .* like '0.5'"):
        check_readable(numbers, named_times(numbers, "t"))
    empty = table("t,x\n2024-01-01,1\n,2\n2024-01-03,3\n")
    with pytest.raises(InputError, match=r"Line 3 of a.csv has no time in 't'"):
        check_readable(empty, named_times(empty, "t"))


def test_typed_times_keep_their_zone() -> None:
    when = pandas.date_range("2024-10-27", periods=5, freq="h", tz="Europe/Berlin")
    read = from_frame(pandas.DataFrame({"when": when, "x": range(5)}), "X")
    times = find_times(read, ["when", "x"], np.zeros(5, dtype=np.intp))
    assert times is not None
    assert times.axis.zone == "Europe/Berlin"
    assert set(np.diff(times.values)) == {np.timedelta64(1, "h")}


def test_day_and_month_that_cannot_be_told_apart_are_said() -> None:
    times = found("t,x\n01/02/2024,1\n02/01/2024,2\n")
    assert times is not None
    assert "Day and month cannot be told apart" in times.warnings[0]
