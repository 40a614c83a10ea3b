from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.columns import words
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.tables.remainder import Remainder

ROWS = [
    (f"note {i}", "red" if i % 2 else "blue", i / 4, f"2024-01-{1 + i % 28:02d} 08:00") for i in range(60)
]
HEADER = "note,colour,size,when"


def write(name: str, rows: list[tuple[object, ...]] = ROWS, header: str = HEADER) -> str:
    Path(name).write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]), "utf-8")
    return name


def columns_again(source: str, how: Reading) -> dict[str, list[object]]:
    """All columns of a table, from its values and its remainder as JSON."""
    data = read(source, how)
    assert data.remainder is not None
    again = Remainder.from_json(data.remainder.to_json())
    joined = again.joined(words(data.array, data.schema.columns))
    return {name: column.tolist() for name, column in joined.items()}


def test_columns_that_are_no_values_come_back_in_their_places() -> None:
    found = columns_again(write("t.csv"), Reading(label="colour", keep_remainder=True))
    assert [*found] == HEADER.split(",")
    assert [*zip(*found.values(), strict=True)] == ROWS


def test_words_that_a_model_does_not_have_come_back() -> None:
    known = read(write("t.csv"), Reading(drop=("note",)))
    others = [(*row[:1], "green" if i == 7 else row[1], *row[2:]) for i, row in enumerate(ROWS)]
    how = Reading(like=known.schema, drop=("note",), keep_remainder=True)
    data = read(write("u.csv", others), how)
    assert np.isnan(data.array[7]).any()
    assert data.remainder is not None
    assert data.remainder.cells == {"colour": {7: "green"}}
    assert columns_again("u.csv", how)["colour"] == [row[1] for row in others]


def test_integers_that_floats_do_not_hold_come_back() -> None:
    rows = [(2**60 + i, i % 7) for i in range(60)]
    found = columns_again(write("t.csv", rows, "big,x"), Reading(keep_remainder=True))
    assert found["big"] == [str(2**60 + i) for i in range(60)]


def test_nothing_is_kept_of_cells_that_the_values_tell() -> None:
    rows = [(f"{i}.50", "NA" if i == 3 else i, f"2024-01-{1 + i % 28:02d} 08:00:00.500") for i in range(60)]
    found = read(write("t.csv", rows, "x,y,when"), Reading(keep_remainder=True)).remainder
    assert found is not None
    assert not found


def test_columns_of_a_typed_table_come_back() -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(ROWS, columns=HEADER.split(","))
    frame["when"] = pandas.to_datetime(frame["when"])
    frame.loc[5, "note"] = None
    frame.to_parquet("t.parquet")
    found = read("t.parquet", Reading(keep_remainder=True)).remainder
    assert found is not None
    assert not found.cells
    assert found.columns["note"][4:6] == ["note 4", None]
