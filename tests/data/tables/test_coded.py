from __future__ import annotations

import numpy as np

from narrows.data.tables.coded import Coded

CELLS = ["b", None, " a", "b", "a", "b"]


def test_cells_come_back_as_they_were() -> None:
    found = Coded.of(CELLS)
    assert [*found] == CELLS
    assert [found[i] for i in range(-1, len(found))] == [CELLS[-1], *CELLS]
    assert found[1:4] == CELLS[1:4]
    assert Coded.of(found) is found


def test_counts_are_in_the_order_of_the_first_cells_and_without_missing_ones() -> None:
    assert [*Coded.of(CELLS).counts.items()] == [("b", 3), (" a", 1), ("a", 1)]
    assert [*Coded.of(CELLS).stripped.counts.items()] == [("b", 3), ("a", 2)]


def test_rows_are_found_by_what_is_said_of_different_texts() -> None:
    found = Coded.of(CELLS)
    assert found.rows_where([text == "b" for text in found.texts]) == [0, 3, 5]
    assert found.rows_where([False] * len(found.texts)) == []


def test_cells_can_be_taken_away() -> None:
    gone = np.array([True, *[False] * 5])
    assert [*Coded.of(CELLS).without(gone)] == [None, *CELLS[1:]]
