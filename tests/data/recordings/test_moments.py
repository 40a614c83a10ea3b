import numpy as np
import pytest

from narrows.data.recordings.moments import Times, epoch_unit, from_dates, from_epochs
from narrows.data.recordings.time_texts import time_texts
from narrows.data.tables.date_formats import recognise


def read(*words: str) -> Times:
    found = recognise(words)
    assert found is not None
    return from_dates(words, found, "t")


@pytest.mark.parametrize(
    ("words", "first", "zone"),
    [
        (("2024-01-31 12:00:00", "2024-01-31 12:30:00"), "2024-01-31T12:00", ""),
        (("2024-01-31", "2024-02-01"), "2024-01-31", ""),
        (("2024-01-31T12:00Z", "2024-01-31T13:00Z"), "2024-01-31T12:00", "UTC"),
        (("2024-01-31 12:00:00 UTC", "2024-01-31 12:00:01 UTC"), "2024-01-31T12:00", "UTC"),
        (
            ("2024-01-31T12:00:00.250+01:00", "2024-01-31T12:00:00.500+01:00"),
            "2024-01-31T11:00:00.250",
            "+01:00",
        ),
        (
            ("2024-01-31T12:00:00.123456789", "2024-01-31T12:00:00.123456790"),
            "2024-01-31T12:00:00.123456789",
            "",
        ),
        (("2024-01-31 12:00:00,250", "2024-01-31 12:00:00,500"), "2024-01-31T12:00:00.250", ""),
        (("2024-01-31 09:05 PM", "2024-01-31 10:05 PM"), "2024-01-31T21:05", ""),
        (("2024.01.31 12:00", "2024.02.01 12:05"), "2024-01-31T12:00", ""),
        (("31.01.2024 12:00", "31.01.2024 12:05"), "2024-01-31T12:00", ""),
        (("1/31/2024 9:05", "1/31/2024 10:05"), "2024-01-31T09:05", ""),
        (("31-Jan-24", "01-Feb-24"), "2024-01-31", ""),
        (("31.01.2024 12:00:00.5", "31.01.2024 12:00:01.0"), "2024-01-31T12:00:00.5", ""),
    ],
)
def test_dates_are_read_in_utc_and_written_as_they_came(
    words: tuple[str, ...], first: str, zone: str
) -> None:
    found = read(*words)
    assert found.values.dtype == "datetime64[ns]"
    assert found.values[0] == np.datetime64(first, "ns")
    assert found.axis.zone == zone
    assert time_texts(found.values, found.axis) == list(words)


def test_dates_with_several_offsets_are_written_in_utc() -> None:
    found = read("2024-03-31T01:30:00+01:00", "2024-03-31T03:00:00+02:00")
    assert np.diff(found.values)[0] == np.timedelta64(30, "m")
    assert found.axis.zone == "UTC"
    assert time_texts(found.values, found.axis) == ["2024-03-31T00:30:00+00:00", "2024-03-31T01:00:00+00:00"]


def test_rows_that_are_no_dates_are_named() -> None:
    assert read("2024-01-31", "2024-02-01", "later").unreadable == (2,)


@pytest.mark.parametrize(("unit", "number"), [("s", 1.4e9), ("ms", 1.4e12), ("us", 1.4e15), ("ns", 1.4e18)])
def test_times_since_1970(unit: str, number: float) -> None:
    numbers = np.array([number, number + 60])
    assert epoch_unit(numbers) == unit
    found = from_epochs(numbers, unit, "t")
    assert abs(found.values[0] - np.datetime64("2014-05-13T16:53:20", "ns")) < np.timedelta64(1, "us")
    if unit != "ns":
        assert time_texts(found.values, found.axis) == [f"{int(n)}" for n in numbers]


def test_fractions_of_seconds_since_1970() -> None:
    found = from_epochs(np.array([1.4e9 + 0.25, 1.4e9 + 0.5, np.nan]), "s", "t")
    assert np.isnat(found.values).tolist() == [False, False, True]
    assert time_texts(found.values[:2], found.axis) == ["1400000000.250000", "1400000000.500000"]
    assert epoch_unit(np.array([1.0, 2.0])) == ""
