"""Rows of totals at the end of a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.readers import read
from narrows.data.tables.totals import may_be_sum

CELLS = np.random.default_rng(0).uniform(1, 50, (40, 2)).round(2)
COUNTS = [f"{a:.2f},{b:.2f},{'pq'[i % 2]}\n" for i, (a, b) in enumerate(CELLS)]
SUMS = CELLS.sum(axis=0)


def rows_of(end: str, rows: list[str] = COUNTS) -> int:
    Path("a.csv").write_text("x,y,kind\n" + "".join(rows) + end)
    return len(read("a.csv"))


@pytest.mark.parametrize("y", [f"{SUMS[1]:.1f}0", f"{SUMS[1]:.3f}", ""])
def test_sums_of_the_columns_are_no_row(y: str) -> None:
    assert rows_of(f"{SUMS[0]:.2f},{y},Total\n") == 40
    (note,) = [note for note in read("a.csv").notes if "sums" in note]
    assert note.startswith("Line 42 of a.csv is left out")


@pytest.mark.parametrize("y", ["12", f"{SUMS[1] / 40:.2f}", f"{1.01 * SUMS[1]:.2f}"])
def test_a_row_with_another_number_is_data(y: str) -> None:
    assert rows_of(f"{SUMS[0]:.2f},{y},p\n") == 41


def test_few_rows_and_zeros_are_no_sums() -> None:
    assert rows_of("3,7,p\n", ["1,2,p\n", "2,5,q\n"]) == 3
    assert rows_of("0,0,p\n", ["0,0,p\n"] * 20 + ["1,1,q\n", "-1,-1,q\n"]) == 23


def test_numbers_without_texts_may_be_sums_only_where_they_are_near() -> None:
    column = np.arange(1.0, 21.0)
    assert may_be_sum(np.append(column, column.sum() + 3))
    assert not may_be_sum(np.append(column, 2 * column.sum()))
    assert not may_be_sum(np.append(column + 500, 20))
    assert may_be_sum(np.append(column, np.nan))
    assert may_be_sum(column[:5])
