"""Dates as people write them: recognised over the whole column, read as days, written as they came."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.columns import Column, words
from narrows.data.date_formats import recognise
from narrows.data.dates import CYCLES, Dates
from narrows.data.identifiers import identifiers
from narrows.data.readers import Reading, read
from narrows.data.tables import to_frame
from narrows.fitting.fit import fit
from tests.samples import of_frame

START = datetime(2021, 1, 30, 22, 15, 30)
EVERY_37_HOURS = [START + timedelta(hours=37 * i) for i in range(600)]
FORMATS = [
    *("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S+00:00"),
    *("%d.%m.%Y", "%d.%m.%y", "%d.%m.%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y %I:%M %p", "%d-%m-%Y"),
    *("%Y/%m/%d", "%d %b %Y", "%d-%b-%y", "%B %d, %Y", "%Y-%m", "%H:%M", "%H:%M:%S", "%I:%M %p"),
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
        ["16:9", "4:3", "1:1"],
        ["2024", "2023", "1999"],
        ["10.0.0.1", "10.0.0.2"],
        ["75:30", "80:10", "91:00"],
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


def test_what_remains_unclear_is_said(tmp_path: Path) -> None:
    rows = "".join(f"0{1 + i % 9}/0{1 + i % 7}/2020,{i % 5}\n" for i in range(60))
    (tmp_path / "a.csv").write_text("when,b\n" + rows)
    (warning,) = read("a.csv").warnings
    assert warning.startswith(
        "Day and month cannot be told apart in the dates of 'when': they are read as month,"
    )


def test_only_cycles_that_the_dates_go_around_are_given() -> None:
    def cycles(moments: list[datetime], form: str) -> tuple[str, ...]:
        found = recognise([each.strftime(form) for each in moments])
        assert found is not None
        return found.dates.cycles

    days = [START + timedelta(days=i) for i in range(800)]
    assert cycles(EVERY_37_HOURS, "%Y-%m-%d %H:%M:%S") == ("year", "week", "day")
    assert cycles(days, "%Y-%m-%d %H:%M:%S") == ("year", "week")
    assert cycles(days[:300], "%Y-%m-%d") == ("week",)
    assert cycles(days[::7], "%Y-%m-%d") == ("year",)
    assert cycles([each for each in days if each.day == 1], "%Y-%m-%d") == ("year",)
    assert cycles(EVERY_37_HOURS, "%H:%M") == ("day",)


def test_a_model_gets_days_and_places_in_cycles() -> None:
    frame = pandas.DataFrame({"when": [each.isoformat() for each in EVERY_37_HOURS], "a": range(600)})
    data = of_frame(frame)
    assert data.schema.value_names[:3] == ("a", "when", "when: time of year, sine")
    x = data.schema.arrange(data.array)
    assert x.shape == (600, 2 + 2 * len(CYCLES))
    hours = np.array([each.hour + each.minute / 60 + each.second / 3600 for each in EVERY_37_HOURS])
    angles = np.pi * hours / 12
    np.testing.assert_allclose(x[:, -2:], np.column_stack([np.sin(angles), np.cos(angles)]), atol=1e-6)
    weekdays = np.arctan2(x[:, 4], x[:, 5])
    monday, also = (np.array([each.date() for each in EVERY_37_HOURS]) == day for day in two_mondays())
    assert abs(weekdays[monday][0] - weekdays[also][0]) < 2 * np.pi / 7
    np.testing.assert_array_equal(data.schema.from_model(torch.from_numpy(x)).numpy(), data.array)


def two_mondays() -> list[date]:
    mondays = [each.date() for each in EVERY_37_HOURS if each.weekday() == 0]
    return [mondays[0], mondays[5]]


def test_times_with_an_offset_become_utc() -> None:
    cells = ["2024-01-05T01:00:00+02:00", "2024-01-05T01:00:00-05:00"]
    found = recognise(cells)
    assert found is not None
    days = np.array(found.dates.days(cells))
    assert found.dates.text(days) == ["2024-01-04T23:00:00+00:00", "2024-01-05T06:00:00+00:00"]


def test_missing_and_wrong_dates(tmp_path: Path) -> None:
    rows = [f"{1 + i % 28}.{1 + i % 12}.2020,{i % 7}" for i in range(60)]
    rows[3:5] = [",1", "0000-00-00,2"]
    (tmp_path / "a.csv").write_text("when,b\n" + "\n".join(rows))
    data = read("a.csv")
    assert np.flatnonzero(np.isnan(data.array[:, 0])).tolist() == [3, 4]
    assert words(data.array, data.schema.columns)["when"][:5].tolist()[2:] == ["03.03.2020", None, None]
    rows[30] = "31.2.2020,1"
    (tmp_path / "a.csv").write_text("when,b\n" + "\n".join(rows))
    with pytest.raises(
        InputError, match=r"Line 32 of a\.csv has the text '31\.2\.2020' .* dates as 01\.01\.2020"
    ):
        read("a.csv")


def test_new_files_are_read_as_the_run_knows_dates(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("when,b\n" + "".join(f"{d}.3.2020,{d % 5}\n" for d in range(1, 31)))
    schema = read("a.csv").schema
    (tmp_path / "b.csv").write_text("b,when\n1,5.4.2020\n2,2020-04-06\n3,soon\n4,\n")
    new = read("b.csv", Reading(like=type(schema).from_json(schema.to_json())))
    np.testing.assert_array_equal(new.array[:, 0], [35, 36, np.nan, np.nan])
    assert "'when' in 1 cell ('soon')" in new.warnings[0]
    (tmp_path / "c.csv").write_text("b,when\n1,4/25/2020\n2,4/26/2020\n")
    with pytest.raises(InputError, match=r"'4/25/2020' in column 'when', where dates as 01\.03\.2020"):
        read("c.csv", Reading(like=schema))


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


def test_the_reconstruction_has_dates_and_a_missing_one_is_filled_in() -> None:
    rng = np.random.default_rng(0)
    when = [START + timedelta(days=int(i)) for i in rng.permutation(200)]
    amount = [(each - START).days + rng.normal() for each in when]
    frame = pandas.DataFrame(
        {"when": [f"{each:%d.%m.%Y}" for each in when], "amount": amount, "twice": amount}
    )
    data = of_frame(frame)
    run = fit(data, latent_dim=1, overrides={"training": {"epochs": 40}})
    again = words(run.reconstruct(data.array), data.schema.columns)["when"]
    assert all(
        abs((datetime.strptime(a, "%d.%m.%Y") - b).days) < 60 for a, b in zip(again, when, strict=True)
    )
    lacking = data.array.copy()
    lacking[:20, 0] = np.nan
    filled = run.impute(lacking)
    assert np.abs(filled[:20, 0] - data.array[:20, 0]).mean() < 20
    np.testing.assert_array_equal(filled[20:], data.array[20:])


def test_rows_in_the_order_of_their_dates_are_said_to_be_dated() -> None:
    frame = pandas.DataFrame(
        {"when": [f"{each:%d.%m.%Y}" for each in EVERY_37_HOURS], "a": np.arange(600) % 7}
    )
    assert identifiers(of_frame(frame)) == {"when": "dates in order"}
    assert identifiers(of_frame(frame.sample(frac=1, random_state=0))) == {}


def test_stored_dates_are_checked() -> None:
    column = Column("a", "str", dates=Dates("%d.%m.%Y", "2020-01-31", ("week",)))
    record = {"name": "a", "dtype": "str", "levels": []}
    stored = {"format": "%d.%m.%Y", "origin": "2020-01-31", "cycles": ["week"]}
    assert Column.from_json({**record, "dates": stored}) == column
    for wrong in ({"origin": "31.1."}, {"cycles": ["moon"]}, {"format": ""}):
        with pytest.raises(InputError, match="does not describe a column of dates"):
            Column.from_json({**record, "dates": {**stored, **wrong}})


def test_days_beyond_the_calendar_are_its_ends() -> None:
    dates = Dates("%Y-%m-%d", "2020-01-01")
    assert dates.text(np.array([1e9, np.nan])) == ["9999-12-31", None]
