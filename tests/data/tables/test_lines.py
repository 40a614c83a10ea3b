"""The lines above a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.tables.lines import Line, padded_titles

DATA = [["x", "1", "2.5"], ["y", "3", "4.5"], ["x", "5", "0.5"], ["y", "2", "1.5"]]


def count(rows: list[list[str]]) -> int:
    return padded_titles([Line("", row) for row in rows])


@pytest.mark.parametrize(
    ("above", "rows"),
    [
        (1, [["Report", "", ""], ["kind", "a", "b"], *DATA]),
        (2, [["Report", "", ""], ["", "", "May"], ["", "a", "b"], *DATA]),
        (1, [["Report", ""], ["a", "b"], ["1", "2"], ["3", "4"]]),
        (2, [["Report", "", ""], ["Operator", "Bob", ""], ["kind", "a", "b"], *DATA]),
        (0, [["kind", "a", "b"], *DATA]),
        (0, [["a", "b", ""], ["mm", "kg", "s"], *DATA]),
        (0, [["a", "b", ""], *DATA]),
        (0, [["1", "", ""], ["2", "3", "4"], ["5", "", "1"], ["2", "4", ""]]),
        (0, [["x", ""], ["red", "2"], ["blue", "3"], ["green", "3"]]),
        (0, [["x", "", ""], *DATA]),
        (0, [["a"], ["1"], ["2"]]),
    ],
)
def test_titles_with_empty_cells_up_to_the_width_of_the_table(above: int, rows: list[list[str]]) -> None:
    assert count(rows) == above


def test_a_title_that_a_spreadsheet_pads_is_left_out_of_text() -> None:
    body = "\n".join(map(",".join, [["kind", "a", "b"], *DATA * 5]))
    Path("a.csv").write_text(f"Report of May,,\n{body}\n")
    found = read("a.csv")
    assert (len(found), found.schema.names) == (20, ("kind", "a", "b"))
    assert found.notes[0] == "Lines above the table are left out: 1, the first is 'Report of May'."
    with pytest.raises(InputError, match=r"Line 2 of a\.csv has the text 'a'"):
        read("a.csv", Reading(header=False))


def test_new_rows_of_a_model_without_names_have_no_titles() -> None:
    Path("a.csv").write_text("\n".join(map(",".join, DATA * 5)))
    found = read("a.csv", Reading(header=False))
    Path("b.csv").write_text("x,,\ny,NA,NA\n" + "\n".join(map(",".join, DATA * 5)))
    assert len(read("b.csv", Reading(like=found.schema, form=found.form))) == 22
