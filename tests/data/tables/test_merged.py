"""What merged cells of a spreadsheet say."""

from __future__ import annotations

from narrows.data.tables.merged import Range, without_merged

DATA = [["x", "1", "2.5"], ["y", "3", "4.5"], ["x", "5", "0.5"], ["y", "2", "1.5"], ["x", "4", "2.5"]]


def test_names_above_several_columns_stand_before_those_below() -> None:
    rows = [["", "size", ""], ["kind", "a", "b"], *DATA]
    found, said = without_merged(rows, [Range(0, 1, 1, 3)])
    assert [row for row in found if row] == [["kind", "size a", "size b"], *DATA]
    assert said == []
    years = [["", "size", "", ""], ["kind", "2020", "2021", "2022"], *([*row, "7"] for row in DATA * 6)]
    assert without_merged(years, [Range(0, 1, 1, 4)])[0][1][:3] == ["kind", "size 2020", "size 2021"]


def test_a_name_above_several_columns_of_data_is_numbered() -> None:
    rows = [["kind", "size", ""], *DATA]
    found, _ = without_merged(rows, [Range(0, 1, 1, 3)])
    assert found == [["kind", "size 1", "size 2"], *DATA]


def test_cells_of_data_are_filled_and_titles_between_left_out() -> None:
    rows = [["kind", "a", "b"], ["north", "", ""], ["x", "1", "2"], ["", "3", "4"], ["y", "7", ""]]
    found, said = without_merged(rows, [Range(1, 2, 0, 3), Range(2, 4, 0, 1), Range(4, 5, 1, 3)])
    assert found == [["kind", "a", "b"], [], ["x", "1", "2"], ["x", "3", "4"], ["y", "7", "7"]]
    assert said == [
        "Merged cells all have the value of the first of them: 2 ranges.",
        "Rows of one cell across the table are left out: 1, the first is 'north'.",
    ]


def test_a_title_stays_above_the_names() -> None:
    rows = [["Report", "", ""], ["kind", "a", "b"], *DATA]
    assert without_merged(rows, [Range(0, 1, 0, 3)])[0] == rows
