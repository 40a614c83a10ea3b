from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.tables import number_blocks
from narrows.data.tables.number_blocks import (
    Blocks,
    Numbers,
    UnlikeError,
    has_zeros_in_front,
    is_odd,
    may_be_days,
)

pytest.importorskip("pyarrow")


def read(folder: Path, text: str, columns: int) -> Numbers:
    file = folder / "t.csv"
    file.write_bytes(text.encode())
    blocks, found = Blocks(file, ",", columns, header=False), Numbers(range(columns))
    for _, block in blocks:
        found.add(blocks, block)
    found.join()
    return found


def test_types_follow_from_all_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_blocks, "FIRST", 1)
    monkeypatch.setattr(number_blocks, "BLOCK", 12)
    found = read(tmp_path, "1,2,3,4\n5,,7,x\n8,.5,1234567890123456,1\n9,1,2,3\n", 4)
    assert found.columns == [0, 1, 2]
    assert found.dtypes == ["int64", "float64", "float64"]
    np.testing.assert_array_equal(
        found.values, [[1, 2, 3], [5, np.nan, 7], [8, 0.5, 1234567890123456], [9, 1, 2]]
    )


@pytest.mark.parametrize("cell", ["007", "0x1f", "+4", "nan", "inf", "1e999", "x", "20240131", "1_0"])
def test_other_cells_than_plain_numbers_leave_their_column_out(cell: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"1,1\n2,{cell}\n3,3\n", 2).columns == [0]


@pytest.mark.parametrize(
    "text", ["1,2\n3\n", "1,2\n\n3,4\n", "1,2\n# a\n", '1,"2"\n', "1,2\x0b\n", "1,\u200b2\n"]
)
def test_files_that_are_not_plain_are_told(text: str, tmp_path: Path) -> None:
    with pytest.raises(UnlikeError):
        read(tmp_path, text, 2)


def test_zeros_in_front_are_found_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_blocks, "PIECE", 4)
    for text, zeros in (
        ("01,2", True),
        ("1.05,0.5", False),
        ("12,34\n00,1", True),
        ("1,2,3, 05", True),
        ("0,10", False),
    ):
        assert has_zeros_in_front(text.encode(), ",") == zeros, text


def test_a_number_sign_inside_a_line_is_no_comment() -> None:
    assert not is_odd(b"a#1,2\n3,4\n")
    assert is_odd(b"1,2\n#3,4\n")


def test_whole_numbers_that_may_be_dates() -> None:
    assert may_be_days(np.array([1.0, 20240131.0]))
    assert not may_be_days(np.array([2024.0, 20240131.5, np.nan]))
