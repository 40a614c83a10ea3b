from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.tables import blocks, plain_text
from narrows.data.tables.cells import Form
from narrows.data.tables.date_columns import DateColumn
from narrows.data.tables.number_columns import UnfitError
from narrows.data.tables.plain_text import read_plain
from narrows.data.tables.table import Table
from narrows.data.tables.text import Asked, read_text

pyarrow = pytest.importorskip("pyarrow")


def column(first: list[str], *more: list[str], named: tuple[str, ...] = ()) -> DateColumn | None:
    """The column that begins with these texts; None if it or one of `more` blocks are to be read as texts."""
    found = DateColumn.of(3, first, lambda text: text in named, named)
    return found if found and all(found.add(pyarrow.array(block)) for block in [first, *more]) else None


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-31", "1999-12-05"],
        ["2024-01-31 10:00", "2024-01-31 23:59"],
        ["2024-01-31T10:00:07Z", "2024-01-31T10:00:08Z"],
        ["2024-01-31 10:00:07.125", "0001-01-01 00:00:00.000"],
        ["2024-01-31", "", "NA", "2024-01-31"],
    ],
)
def test_dates_of_one_form_become_moments(texts: list[str]) -> None:
    found = column(texts)
    assert found is not None
    wanted = [np.datetime64("NaT" if len(text) < 3 else text.rstrip("Z")) for text in texts]
    np.testing.assert_array_equal(np.concatenate(found.parts), np.array(wanted, "datetime64[us]"))
    assert [*found.others] == [text for text in texts if len(text) < 3]


@pytest.mark.parametrize(
    "other",
    [
        *(
            "2024-1-31",
            "2024-02-30",
            "2024-01-31 10:00",
            "0000-00-00",
            "0000-01-01",
            "soon",
            "12",
            "31.01.2024",
        ),
    ],
)
def test_other_texts_leave_the_column_out(other: str) -> None:
    assert column(["2024-01-31"], ["2024-01-30", other]) is None
    assert column(["2024-01-31", other]) is None


def test_a_time_is_written_as_the_first() -> None:
    assert column(["2024-01-31T10:00"], ["2024-01-31 10:00"]) is None
    assert column(["2024-01-31 10:00Z"], ["2024-01-31 10:001"]) is None
    assert column(["20240131"]) is None
    assert column(["", "NA"]) is None


def test_a_date_that_is_named_as_missing_leaves_the_column_out() -> None:
    assert column(["2024-01-31", "1970-01-01"], named=("1970-01-01",)) is None
    assert column(["2024-01-31", "gone"], named=("gone",)) is not None


def test_texts_that_are_not_missing_in_the_end_are_told() -> None:
    found = column(["2024-01-31", "NA"])
    assert found is not None
    with pytest.raises(UnfitError) as error:
        found.cells(found.sample(), {""}, None)
    assert error.value.column == 3


def test_dates_in_a_large_file_are_those_of_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_text, "LEAST_BYTES", 0)
    monkeypatch.setattr(blocks, "BLOCK", 2000)
    moments = np.datetime64("2020-01-30T22:15:30") + np.arange(600) * np.timedelta64(37, "h")
    texts = [str(each).replace("T", " ") for each in moments]
    texts[7] = ""
    file = tmp_path / "t.csv"
    file.write_text("when,x\n" + "".join(f"{text},{i % 9}\n" for i, text in enumerate(texts)))
    plain, usual = read_plain(file, Asked()), read_text(file)
    assert plain is not None
    assert plain["when"].dates is not None
    found, wanted = (table.read(["when", "x"]) for table in (plain, usual))
    np.testing.assert_array_equal(found.values, wanted.values)
    assert found.columns == wanted.columns
    assert found.columns[0].dates is not None
    assert found.columns[0].dates.cycles == ("year", "week", "day")
    assert plain.text("when") == usual.text("when") == texts
    assert [*plain.words("when")] == [*usual.words("when")]
    known = Asked(form=Form(), levels={"when": (), "x": ()})
    again = read_plain(file, known)
    assert isinstance(again, Table)
    np.testing.assert_array_equal(again.read_as(found.columns).values, wanted.values)
