from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.columns import Column, cells, check_levels, default_names, model_order, value_names
from narrows.data.tables.notation import Notation

COLUMNS = (
    Column("c", "str", ("p", "q", "r")),
    Column("n"),
    Column("b", "bool", ("no", "yes")),
    Column("i", "int64"),
)


def test_the_model_sees_numbers_then_booleans_then_categories() -> None:
    assert model_order(COLUMNS) == [1, 3, 2, 0]
    assert value_names(COLUMNS) == ["n", "i", "b", "c: p", "c: q", "c: r"]
    assert [column.width for column in COLUMNS] == [3, 1, 1, 1]
    assert [column.nature for column in COLUMNS] == ["category", "number", "boolean", "number"]


def test_cells_are_written_as_they_came() -> None:
    assert cells(np.array([2.0, np.nan, 0.0]), COLUMNS[0]).tolist() == ["r", None, "p"]
    assert cells(np.array([1.0, 0.0]), COLUMNS[2]).tolist() == ["yes", "no"]
    assert cells(np.array([3.0, -1.0]), COLUMNS[3]).dtype == np.int64
    assert cells(np.array([3.0, np.nan]), COLUMNS[3]).dtype == np.float64


def test_a_number_that_stands_for_no_word_is_refused_with_its_row() -> None:
    rows = np.array([[0.0, 1, 1, 5], [3.0, 1, 1, 5]])
    check_levels(rows[:1], COLUMNS)
    with pytest.raises(InputError, match="Row 1 has 3 in column 'c'"):
        check_levels(rows, COLUMNS)


def test_an_infinite_cell_stands_for_a_word_that_was_never_seen() -> None:
    check_levels(np.array([[np.inf, 1, np.inf, 5]]), COLUMNS)


def test_columns_without_names_are_numbered() -> None:
    assert default_names(3) == ("x0", "x1", "x2")


def test_a_number_is_shown_as_its_file_writes_it() -> None:
    comma = Column("n", notation=Notation(",", places=2))
    assert comma.show(-1234.5678, 6) == "-1234,57"
    assert comma.show(98765.4) == "98765"
    assert Column("n", notation=Notation(",", ".", "", "€", 2)).show(98765.4) == "98.765€"
    assert COLUMNS[1].show(98765.4) == "98,765"
    assert [COLUMNS[0].show(2.0), COLUMNS[2].show(1.0), COLUMNS[3].show(3.0)] == ["r", "yes", "3"]


def test_the_notation_of_a_column_comes_back_from_a_run() -> None:
    comma = Column("n", notation=Notation(",", "", "", "%", 2))
    record = json.loads(json.dumps(asdict(comma)))
    assert Column.from_json(record) == comma
    del record["notation"]
    assert Column.from_json(record) == Column("n")
    with pytest.raises(InputError, match="does not describe how the numbers"):
        Column.from_json({**record, "notation": [",", 3]})
