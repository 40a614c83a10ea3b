"""Rows of units below the names of the columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.tables.units import bare, unit_rows

DATA = [[str(i), "ab"[i % 2], f"{i * 1.5}", f"{20 - i}", ""] for i in range(9)]


@pytest.mark.parametrize(
    "row",
    [
        ["", "", "mm", "°C", ""],
        ["1", "-", "[mm]", "(V)", "bar"],
        ["%", "", "µm", "", ""],
        ["int", "text", "length in the rig", "K", ""],
        ["s", "", "W/m2", "kg m-3", "NA"],
    ],
)
def test_words_above_numbers_are_units(row: list[str]) -> None:
    assert unit_rows([row, *DATA]) == 1


@pytest.mark.parametrize(
    "row",
    [
        ["0", "a", "1.5", "20", ""],
        ["", "a", "NA", "NA", ""],
        ["-", "b", "?", "-", ""],
        ["7", "", "mm", "V", ""],
        ["", "a", "mm", "V", ""],
        ["", "", "", "broken", ""],
    ],
)
def test_a_row_of_data_is_none(row: list[str]) -> None:
    assert unit_rows([row, *DATA]) == 0


def test_a_word_that_occurs_again_is_no_unit() -> None:
    rows = [["error", "error"], ["1", "2"], ["3", "4"], ["error", "5"]]
    assert unit_rows(rows) == 0
    assert unit_rows(rows[:3]) == 1


def test_one_column_of_numbers_needs_a_unit() -> None:
    numbers = [["a", "1"], ["b", "2"], ["a", "3"]]
    assert unit_rows([["", "mm"], *numbers]) == unit_rows([["", "(€)"], *numbers]) == 1
    assert unit_rows([["", "broken"], *numbers]) == 0
    assert bare("[ mm ]") == "mm"


def test_units_are_left_out_with_their_comments_and_said() -> None:
    head = "length,temp,flow\nmm,°C,l/min\nof the rod,of the oven,mean of 3\n"
    Path("a.csv").write_text(head + "".join(f"{i}.5,{i % 7},{i % 3}\n" for i in range(20)), "utf-8")
    found = read("a.csv")
    np.testing.assert_array_equal(found.array[:2], [[0.5, 0, 0], [1.5, 1, 1]])
    assert len(found) == 20
    assert [note.split(" is left out")[0] for note in found.notes[:2]] == [
        "Line 2 of a.csv",
        "Line 3 of a.csv",
    ]
    assert "mm, °C, l/min" in found.notes[0]
    Path("b.csv").write_text(head + "7,8,9\n", "utf-8")
    new = read("b.csv", Reading(like=found.schema, form=found.form))
    np.testing.assert_array_equal(new.array, [[7, 8, 9]])
