from __future__ import annotations

import numpy as np
import pytest

from narrows.data.tables.missing import is_given
from narrows.data.tables.notation import PLAIN, Notation
from narrows.data.tables.number_columns import NumberColumn, UnfitError, is_number, may_be_days


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2", "", "NA"], "int64"),
        (["", "-"], "int64"),
        (["1.5", "2"], "float64"),
        (["1,5", "2"], "comma"),
        (["1,5", "2.5"], None),
        (["1.500", "2.250"], None),
        (["1,500", "2,250"], None),
        (["007", "12"], None),
        (["20240131", "20240201"], None),
        (["1", "x"], None),
    ],
)
def test_the_kind_of_a_column_follows_from_its_first_cells(cells: list[str], kind: str | None) -> None:
    found = NumberColumn.of(0, cells, is_given(()))
    assert (None if found is None else found.kind) == kind


def column(cells: list[str], rows: int) -> NumberColumn:
    found = NumberColumn.of(0, cells, is_given(()))
    assert found is not None
    found.values = np.zeros(rows)
    return found


def test_a_sample_has_the_counts_of_the_column() -> None:
    found = column(["1,5", "2", "0,25"], 1000)
    assert found.add_others({"NA": 7, " ": 3})
    sample = found.sample()
    assert sample.counts.total() == 1000
    assert sample.counts["NA"] == 7
    assert sample.plain == ["2"]
    assert sample.others == ["1,5", "0,25", "NA", ""]


def test_cells_are_numbers_only_in_the_notation_in_which_they_were_read() -> None:
    found = column(["1,5", "2,25"], 2)
    assert found.cells(found.sample(), set(), Notation(",", places=2)).values is found.values
    for notation in (None, PLAIN, Notation(",", suffix="%", places=2)):
        with pytest.raises(UnfitError):
            found.cells(found.sample(), set(), notation)
    found.add_others({"x": 1})
    with pytest.raises(UnfitError):
        found.cells(found.sample(), {""}, Notation(",", places=2))


def test_numbers_in_any_notation_are_told_from_words() -> None:
    assert all(map(is_number, ["1", "007", "+4", "1,5", "$3", "5 %", "3.50-"]))
    assert not any(map(is_number, ["", "x", "nan", "inf", "-", "1_0", "0x1"]))


def test_whole_numbers_that_may_be_dates() -> None:
    assert may_be_days(np.array([20240131.0, 19991231.0]))
    assert not may_be_days(np.array([1.0, 20240131.0]))
    assert not may_be_days(np.array([20240131.5]))


@pytest.mark.parametrize(
    ("blocks", "most"),
    [
        ([["1,5", "2"], ["1,25", "1,5e-10"]], "1,25"),
        ([["1,5", "2E4"], ["1,123e5", "1,5"]], "1,123e5"),
        ([["1", "2"], ["3", "4"]], None),
    ],
)
def test_the_most_digits_after_a_comma_are_kept(blocks: list[list[str]], most: str | None) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    column = NumberColumn(0, "comma", ["1,5"], lambda text: False)
    for block in blocks:
        column.lengthened(pyarrow.array(block))
    assert [*column.texts][1:] == ([] if most is None else [most])
