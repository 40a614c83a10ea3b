"""What the columns of a table are used for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.columns import Column
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.tables.cells import Cells, Form
from narrows.data.tables.dates import Dates
from narrows.data.tables.table import Table
from narrows.data.tables.use import refuse_words, stand_ins, without


def test_dropped_columns_are_no_values() -> None:
    assert without(("a", "b", "c"), ("b",), None) == ("a", "c")
    assert without(("a",), ("a", "unknown"), None) == ()


def test_words_are_refused_where_only_numbers_are_wanted() -> None:
    refuse_words([Column("a"), "b"], "images")
    with pytest.raises(InputError, match=r"column 'c' holds words or dates, but images are numbers"):
        refuse_words([Column("a"), Column("c", "str", ("x", "y"))], "images")


def test_a_date_that_stands_for_missing_ones_is_named() -> None:
    column = Column("valid until", "str", dates=Dates("%d.%m.%Y", "2020-01-01"))
    days = np.arange(40.0)[:, None] * 9
    table = Table("a.csv", {"valid until": Cells([None] * 40)}, form=Form())
    assert stand_ins(days, [column], table) == ()
    days[::3] = (np.datetime64("9999-12-31") - np.datetime64("2020-01-01")).astype(float)
    (warning,) = stand_ins(days, [column], table)
    assert "31.12.9999 in valid until (14 cells)" in warning
    assert warning.endswith("--missing 31.12.9999.")
    assert "--" not in stand_ins(days, [column], replace(table, form=None))[0]


def test_a_number_that_stands_for_missing_ones_is_named_as_the_file_has_it() -> None:
    cells = [f"{i % 7},{i % 10}0" for i in range(40)] + ["-999,00"] * 5
    Path("a.csv").write_text("x;y\n" + "".join(f"{cell};{i % 3}\n" for i, cell in enumerate(cells)))
    (warning,) = read("a.csv").warnings
    assert "-999,00 in x (5 cells)" in warning
    assert warning.endswith("--missing '\"-999,00\"'.")
    for option in ("-999,00", "-999"):
        assert np.isnan(read("a.csv", Reading(missing=(option,))).array[-5:, 0]).all()


def test_labels_that_start_with_zero_are_codes() -> None:
    Path("a.csv").write_text(
        "code,year,x\n" + "".join(f"{i % 3:04d},{2000 + i % 3},{i}\n" for i in range(30))
    )
    labels = read("a.csv", Reading(label="code")).labels
    assert labels is not None
    assert labels[:3].tolist() == ["0000", "0001", "0002"]
    years = read("a.csv", Reading(label="year")).labels
    assert years is not None
    assert years[:3].tolist() == [2000, 2001, 2002]
