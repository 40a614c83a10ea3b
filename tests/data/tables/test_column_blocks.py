from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.tables import blocks as module
from narrows.data.tables import column_blocks
from narrows.data.tables.blocks import Blocks
from narrows.data.tables.column_blocks import Columns, has_zeros_in_front
from narrows.data.tables.streams import UnlikeError

pytest.importorskip("pyarrow")


def read(folder: Path, rows: list[str], named: tuple[str, ...] = (), known: int = 1) -> Columns:
    """The columns of rows separated by semicolons, told by the first `known` of them."""
    file = folder / "t.csv"
    file.write_text("".join(f"{row}\n" for row in rows))
    first = [*zip(*(row.split(";") for row in rows[:known]), strict=True)]
    blocks = Blocks(file, ";", len(first))
    found = Columns(blocks, first, range(len(first)), named)
    for block in blocks:
        found.add(block)
    found.join()
    return found


def test_types_follow_from_all_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 12)
    rows = ["1;0.5;3;1,5;a", "5;;NA;-;b", "8;.25;12;2;a", "9;1e3;;0,125;b"]
    found = read(tmp_path, rows)
    assert {j: column.kind for j, column in found.numbers.items()} == {
        0: "int64",
        1: "float64",
        2: "int64",
        3: "comma",
    }
    values = np.column_stack([column.values for column in found.numbers.values()])
    nan = np.nan
    np.testing.assert_array_equal(
        values, [[1, 0.5, 3, 1.5], [5, nan, nan, nan], [8, 0.25, 12, 2], [9, 1000, nan, 0.125]]
    )
    assert [dict(column.others) for column in found.numbers.values()] == [
        {},
        {"": 1},
        {"NA": 1, "": 1},
        {"-": 1},
    ]
    assert [*found.texts()[4]] == ["a", "b", "a", "b"]
    assert [*found.numbers[3].raw] == ["1,5", "-", "2", "0,125"]
    assert [line for part in found.lines for line in part] == [1, 2, 3, 4]


def test_a_column_that_turns_out_to_have_texts_has_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", 4)
    found = read(tmp_path, ["1;2", "3;4", "5;007", "7;8"])
    assert [*found.numbers] == [0]
    assert [*found.texts()[1]] == ["2", "4", "007", "8"]


@pytest.mark.parametrize("cell", ["007", "+4", "20240131", "3.50-", "5 %", "1.5"])
def test_a_cell_that_may_change_how_others_are_read_leaves_its_column_out(cell: str, tmp_path: Path) -> None:
    first = "20240130" if cell == "20240131" else "1"
    assert [*read(tmp_path, [f"1;{first}", f"2;{cell}", f"3;{first}"]).numbers] == [0]


def test_other_texts_are_counted_and_their_cells_missing(tmp_path: Path) -> None:
    rows = ["1;1", "2; x", "3;nan", "4;x", "5;inf", "6;1e999", "7;0x1f"]
    assert [*read(tmp_path, [*rows[:5], rows[6]]).numbers[1].others.items()] == [
        ("x", 2),
        ("nan", 1),
        ("inf", 1),
        ("0x1f", 1),
    ]
    assert [*read(tmp_path, rows[:1] + rows[5:6]).numbers] == [0]


def test_numbers_that_a_person_calls_missing_are_counted_as_they_came(tmp_path: Path) -> None:
    found = read(tmp_path, ["1;-999", "2;3.5", "-999.0;4.5"], ("-999",), known=3)
    assert {j: dict(column.others) for j, column in found.numbers.items()} == {
        0: {"-999.0": 1},
        1: {"-999": 1},
    }
    np.testing.assert_array_equal(found.numbers[1].values, [np.nan, 3.5, 4.5])


@pytest.mark.parametrize("row", ["3", "1;2;3"])
def test_rows_of_other_lengths_are_told(row: str, tmp_path: Path) -> None:
    with pytest.raises(UnlikeError):
        read(tmp_path, ["1;2", row])


def test_zeros_in_front_are_found_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_blocks, "PIECE", 4)
    for text, zeros in (
        ("01,2", True),
        ("1.05,0.5", False),
        ("12,34\n00,1", True),
        ("1,2,3, 05", True),
        ('1,"05"', True),
        ("2024-01-01 05:00,10", False),
    ):
        assert has_zeros_in_front(text.encode(), ",") == zeros, text
