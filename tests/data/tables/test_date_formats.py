"""The formats of dates that people write: which are recognised, and what is no date."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from narrows.data.readers import read
from narrows.data.tables.date_formats import recognise

START = datetime(2021, 1, 30, 22, 15, 30)
EVERY_37_HOURS = [START + timedelta(hours=37 * i) for i in range(600)]
FORMATS = [
    *("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S+00:00"),
    *("%d.%m.%Y", "%d.%m.%y", "%d.%m.%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y %I:%M %p", "%d-%m-%Y"),
    *(
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%Y.%m.%d %H:%M",
        "%Y-%m-%d %I:%M %p",
        "%d %b %Y",
        "%d-%b-%y",
        "%B %d, %Y",
        "%a %b %d %H:%M:%S %Y",
        "%Y%m%d",
        "%Y-%m",
        "%H:%M",
        "%H:%M:%S",
        "%I:%M %p",
    ),
]


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_is_recognised_and_written_as_it_came(form: str) -> None:
    cells = [moment.strftime(form) for moment in EVERY_37_HOURS[::-1]]
    found = recognise(cells)
    assert found is not None
    assert (found.dates.format, found.unclear) == (form, False)
    days = found.dates.days(cells)
    assert found.dates.text(np.array(days)) == cells
    assert min(days) < 1


@pytest.mark.parametrize(
    "cells",
    [
        ["1.2.10", "1.3.12", "2.10.11"],
        ["192.168.10", "10.0.12", "172.16.1"],
        ["16:9", "4:3", "1:1"],
        ["2024", "2023", "1999"],
        ["10.0.0.1", "10.0.0.2"],
        ["75:30", "80:10", "91:00"],
        [f"{20230101 + 37 * i}" for i in range(60)],
        ["A-12", "B-13"],
        ["2024-Q1", "2024-Q2"],
        ["05-12-34567", "01-02-30003"],
        ["30.02.2020", "31.11.2020"],
        [],
    ],
)
def test_what_is_no_date_is_left_alone(cells: list[str]) -> None:
    assert recognise(cells) is None


@pytest.mark.parametrize(
    ("cells", "form", "unclear"),
    [
        (
            ["01/12/2020", "02/03/2020", "02/07/2020", "03/01/2020"],
            "%m/%d/%Y",
            False,
        ),  # in the order of time only so
        (["02/01/2020", "01/03/2020", "02/05/2020", "01/01/2020"], "%m/%d/%Y", True),
        (["01/02/2020", "01/05/2020", "01/03/2020"], "%d/%m/%Y", False),  # the first of a month each
        (["05-02-2020", "03-01-2020", "04-05-2020"], "%d-%m-%Y", True),
        (["03/02/2020", "25/01/2020", "02/05/2020"], "%d/%m/%Y", False),
    ],
)
def test_day_and_month_are_told_apart_by_the_whole_column(cells: list[str], form: str, unclear: bool) -> None:
    found = recognise(cells)
    assert found is not None
    assert (found.dates.format, found.unclear) == (form, unclear)


@pytest.mark.parametrize(
    "cells", [["9/1/05 8:05", "10/15/05 12:30"], ["1.2.2020", "11.12.2020"], ["May 1, 2020", "May 20, 2020"]]
)
def test_zeros_that_a_file_does_not_write_are_not_written(cells: list[str]) -> None:
    found = recognise(cells)
    assert found is not None
    assert found.dates.text(np.array(found.dates.days(cells))) == cells


def test_what_remains_unclear_is_said(tmp_path: Path) -> None:
    rows = "".join(f"0{1 + i % 9}/0{1 + i % 7}/2020,{i % 5}\n" for i in range(60))
    (tmp_path / "a.csv").write_text("when,b\n" + rows)
    (warning,) = read("a.csv").warnings
    assert warning.startswith(
        "Day and month cannot be told apart in the dates of 'when': they are read as month,"
    )


def test_times_with_an_offset_become_utc() -> None:
    cells = ["2024-01-05T01:00:00+02:00", "2024-01-05T01:00:00-05:00"]
    found = recognise(cells)
    assert found is not None
    days = np.array(found.dates.days(cells))
    assert found.dates.text(days) == ["2024-01-04T23:00:00+00:00", "2024-01-05T06:00:00+00:00"]
