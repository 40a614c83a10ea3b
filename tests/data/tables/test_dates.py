"""Columns of dates: read as days, seen by a model as days and places in cycles, written as dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.columns import Column, words
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.tables.date_formats import recognise
from narrows.data.tables.dates import CYCLES, Dates
from narrows.data.tables.identifiers import identifiers
from narrows.fitting.fit import fit
from tests.samples import of_frame

START = datetime(2021, 1, 30, 22, 15, 30)
EVERY_37_HOURS = [START + timedelta(hours=37 * i) for i in range(600)]


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


def test_missing_and_wrong_dates(tmp_path: Path) -> None:
    rows = [f"{1 + i % 28}.{1 + i % 12}.2020,{i % 7}" for i in range(60)]
    rows[3:5] = [",1", "0000-00-00,2"]
    (tmp_path / "a.csv").write_text("when,b\n" + "\n".join(rows))
    data = read("a.csv")
    assert np.flatnonzero(np.isnan(data.array[:, 0])).tolist() == [3, 4]
    assert words(data.array, data.schema.columns)["when"][:5].tolist()[2:] == ["3.3.2020", None, None]
    rows[30] = "31.2.2020,1"
    (tmp_path / "a.csv").write_text("when,b\n" + "\n".join(rows))
    with pytest.raises(
        InputError, match=r"Line 32 of a\.csv has the text '31\.2\.2020' .* dates as 1\.1\.2020"
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
    with pytest.raises(InputError, match=r"'4/25/2020' in column 'when', where dates as 1\.3\.2020"):
        read("c.csv", Reading(like=schema))


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
    stored = {"format": "%d.%m.%Y", "origin": "2020-01-31", "cycles": ["week"], "padded": True}
    assert Column.from_json({**record, "dates": stored}) == column
    for wrong in ({"origin": "31.1."}, {"cycles": ["moon"]}, {"format": ""}):
        with pytest.raises(InputError, match="does not describe a column of dates"):
            Column.from_json({**record, "dates": {**stored, **wrong}})


def test_days_beyond_the_calendar_are_its_ends() -> None:
    dates = Dates("%Y-%m-%d", "2020-01-01")
    assert dates.text(np.array([1e9, np.nan])) == ["9999-12-31", None]
