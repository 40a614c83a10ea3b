from __future__ import annotations

import pytest

from narrows.data.tables.splitting import find_comments, find_separator, split, unwrapped


def test_lines_that_are_no_rows_are_counted_and_said() -> None:
    found = split('Report\n# made by hand\n\na;b\n1;"x\ny"\n\n#\n2;="03"\n', "t.csv")
    assert [(line.number, line.cells) for line in found.lines] == [
        (4, ["a", "b"]),
        (6, ["1", "x\ny"]),
        (9, ["2", "03"]),
    ]
    assert (found.separator, found.start, found.comments, found.cut, found.named) == (";", 1, 2, False, 0)
    assert found.notes() == (
        "Lines above the table are left out: 1, the first is 'Report'.",
        "Lines that begin with # are left out: 2.",
    )
    assert found.lines[1].place == "Line 6 of t.csv"


def test_names_may_be_in_a_comment() -> None:
    found = split("# by hand\n# a,b\n1,2\n3,4\n5,6\n", "t.csv")
    assert (found.named, found.lines[0].cells) == (2, ["a", "b"])
    assert found.notes()[-1] == "Column names from the comment in line 2."


def test_a_stated_separator_counts_as_a_line() -> None:
    found = split("sep=|\na|b,c\n1|2\n", "t.csv")
    assert (found.separator, found.start, found.lines[0].number) == ("|", 1, 2)


def test_empty_cells_beyond_all_others_are_cut() -> None:
    found = split("a,b\n1,2,,\n3,4,,\n5,6\n", "t.csv")
    assert found.cut
    assert {len(line.cells) for line in found.lines} == {2}


@pytest.mark.parametrize(
    ("lines", "separator"),
    [(["a b,c", "1,2"], ","), (["a\tb", "1,5\t2"], "\t"), (["1 2", "3 4"], " "), (["a b", "c d"], ",")],
)
def test_separators(lines: list[str], separator: str) -> None:
    assert find_separator(lines) == separator


def test_half_of_the_lines_are_no_comments() -> None:
    assert find_comments(["#a", "b", "", "c"]) == {0}
    assert find_comments(["#a", "b", ""]) == set()


def test_formulas_of_one_text() -> None:
    assert [unwrapped(cell) for cell in ('="0012"', '="', "=A1", 'x="1"')] == ["0012", "", "=A1", 'x="1"']
