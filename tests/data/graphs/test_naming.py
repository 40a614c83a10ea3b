from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.naming import as_numbers, names_in
from narrows.data.tables.cells import Cells
from narrows.data.tables.table import Table
from narrows.data.tables.text import read_text


def table(values: object, dtype: str = "") -> Table:
    return Table("t", {"a": Cells(values, dtype)})  # type: ignore[arg-type]


def test_whole_numbers_of_any_type_have_one_name() -> None:
    for values in (np.array([0.0, 12.0]), ["0", "12"], [" 0.0", "12."], ["0.00", "12"]):
        assert names_in(table(values), "a") == ["0", "12"]
    assert names_in(table(["a b ", "1.5"]), "a") == ["a b", "1.5"]
    assert names_in(table(["007", "7"]), "a") == ["007", "7"]


def test_what_names_no_node_is_refused_with_its_place() -> None:
    for values in (np.array([0.0, np.nan]), ["a", None], ["a", " "]):
        with pytest.raises(InputError, match=r"Row 1 \(counted from 0\) of t names no node in column 'a'"):
            names_in(table(values), "a")
    with pytest.raises(InputError, match=r"Row 1 .* has the node -2\.0 in column 'a'"):
        names_in(table(np.array([0.0, -2.0])), "a")


def test_thousands_separators_are_read() -> None:
    Path("e.csv").write_text("a;b\n1.000;2\n2.500;3\n1.000.000;4\n", "utf-8")
    assert names_in(read_text(Path("e.csv")), "a") == ["1000", "2500", "1000000"]


def test_names_become_numbers_in_order() -> None:
    assert as_numbers([["b", "a"], ["c", "b"]], ["a", "b", "c"], "e", "n").tolist() == [[1, 2], [0, 1]]
    with pytest.raises(InputError, match="Nodes of e that are not in n: x, y; give each a row there"):
        as_numbers([["x", "a"], ["y", "x"]], ["a"], "e", "n")
