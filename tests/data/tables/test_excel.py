"""Sheets of Excel files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading

openpyxl = pytest.importorskip("openpyxl")

FRAME = pandas.DataFrame(
    {"x": [1.5, None, 2.5, 4.0] * 5, "n": range(20), "region": ["NA", "EU", "?", "EU"] * 5}
)
ROWS = [[f"r{i % 2}", 1.5 * i, (i * 7) % 11] for i in range(20)]
NAMES = ["kind", "a", "b"]


def write(sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> Any:
    """The book `a.xlsx` with these rows, not yet changed further."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save("a.xlsx")
    return book


def test_a_sheet_is_read_like_text() -> None:
    sheet = FRAME.assign(plz=["01067", "10115"] * 10, share=["5 %", "6 %"] * 10)
    with pandas.ExcelWriter("a.xlsx") as book:
        sheet.to_excel(book, sheet_name="first", index=False)
        sheet[:10].to_excel(book, sheet_name="second", index=False)
    found = read("a.xlsx")
    assert [column.dtype for column in found.schema.columns] == ["float64", "int64", "str", "str", "int64"]
    assert found.array[:, 4].tolist() == [5, 6] * 10
    assert len(read("a.xlsx::second")) == 10
    with pytest.raises(InputError, match=r"a\.xlsx has no sheet 'frist'\. Did you mean 'first'"):
        read("a.xlsx::frist")


def test_the_first_visible_sheet_with_a_table_is_read_and_the_others_named() -> None:
    notes = [["About these data"], ["Author", "Bob"], ["See the next sheet"]]
    write({"old": [NAMES, *ROWS[:5]], "notes": notes, "data": [NAMES, *ROWS], "more": [NAMES]}, ("old",))
    found = read("a.xlsx")
    assert (len(found), found.schema.names) == (20, ("kind", "a", "b"))
    assert found.notes[0] == (
        "Of a.xlsx the sheet 'data' is read, not 'old' (hidden), 'notes', 'more'; a.xlsx::NAME reads another."
    )
    assert len(read("a.xlsx::old")) == 5
    write({"data": [NAMES, *ROWS]})
    assert not any("sheet" in note for note in read("a.xlsx").notes)


def test_titles_units_and_sums_are_left_out_as_in_text() -> None:
    sums = ["Total", sum(row[1] for row in ROWS), sum(row[2] for row in ROWS)]
    write({"data": [["Report of May"], [], NAMES, ["", "mm", "kg"], *ROWS, sums]})
    found = read("a.xlsx")
    assert (found.array.shape, found.schema.names) == ((20, 3), ("kind", "a", "b"))
    said = " ".join(found.notes)
    assert "Lines above the table are left out: 1, the first is 'Report of May'." in said
    assert "Row 4 of a.xlsx is left out, as a row of units" in said
    assert "Row 25 of a.xlsx is left out: it has the sums" in said


def test_merged_cells_have_their_value() -> None:
    groups = [["north" if i % 4 == 0 else None, *row[1:]] for i, row in enumerate(ROWS)]
    book = write({"data": [["Report", None, None], ["where", "size", None], [None, "a", "b"], *groups]})
    sheet = book["data"]
    for area in ("A1:C1", "A2:A3", "B2:C2", *(f"A{i}:A{i + 3}" for i in range(4, 24, 4))):
        sheet.merge_cells(area)
    book.save("a.xlsx")
    found = read("a.xlsx", Reading(label="where"))
    assert found.schema.names == ("size a", "size b")
    assert found.labels is not None
    assert found.labels.tolist() == ["north"] * 20
    assert "Merged cells all have the value of the first of them: 5 ranges." in found.notes
    np.testing.assert_array_equal(found.array, [row[1:] for row in ROWS])


def test_hidden_rows_are_said() -> None:
    book = write({"data": [NAMES, *ROWS]})
    book["data"].row_dimensions[3].hidden = True
    book.save("a.xlsx")
    found = read("a.xlsx")
    assert len(found) == 20
    assert "Hidden rows are read, too: 1." in found.notes


def test_a_chart_is_no_sheet() -> None:
    book = write({"data": [NAMES, *ROWS]})
    book.create_chartsheet("chart", 0).add_chart(openpyxl.chart.BarChart())
    book.save("a.xlsx")
    assert len(read("a.xlsx")) == 20
    with pytest.raises(InputError, match="no sheet 'chart'"):
        read("a.xlsx::chart")


def test_formulas_without_values_are_named() -> None:
    write({"data": [[*NAMES, "sum"], *([*row, f"=B{i + 2}+C{i + 2}"] for i, row in enumerate(ROWS))]})
    assert any(
        note.startswith("Formulas without values are missing cells, in sum;") for note in read("a.xlsx").notes
    )
