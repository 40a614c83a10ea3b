from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from narrows.core.errors import InputError
from narrows.data.readers import read_table
from narrows.data.reading import Reading
from narrows.data.tables import blocks, plain_text
from narrows.data.tables.cells import Form
from narrows.data.tables.notation import Notation
from narrows.data.tables.plain_text import read_plain
from narrows.data.tables.table import Table
from narrows.data.tables.text import Asked, read_text

pytest.importorskip("pyarrow")


@pytest.fixture(autouse=True)
def _small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few lines are read as large ones are, in several blocks."""
    monkeypatch.setattr(plain_text, "LEAST_BYTES", 0)
    monkeypatch.setattr(plain_text, "TRIED", 1)
    monkeypatch.setattr(blocks, "BLOCK", 100)


CELLS = {
    "whole": st.integers(-50, 5000).map(str),
    "fractions": st.floats(-1e6, 1e6, width=32).map(repr),
    "rounded": st.floats(-100, 100).map("{:.2f}".format),
    "powers": st.floats(1e-8, 1e9).map("{:.3e}".format),
    "large": st.integers(10**14, 10**17).map(str),
    "rare": st.sampled_from([*"1234567", ".5", "3.", "-0", "+4", "1e3", "-2E-1"]),
    "dates": st.dates().map("{:%Y%m%d}".format),
    "days": st.dates().map(str),
    "years": st.integers(1990, 2030).map(str),
    "codes": st.integers(0, 99).map("{:05d}".format),
    "words": st.sampled_from(["red", "green", "blue", "Blue", "dunkelgrün"]),
    "truth": st.sampled_from(["true", "false"]),
    "marked": st.sampled_from(["1", "2", "3", "4", "999", "-999"]),
    "commas": st.floats(-100, 100).map("{:.2f}".format).map(lambda text: text.replace(".", ",")),
    "thousandths": st.floats(0, 100).map("{:.3f}".format).map(lambda text: text.replace(".", ",")),
    "points": st.floats(1, 900).map("{:.3f}".format),
    "prices": st.floats(0, 5000).map("${:,.2f}".format),
    "gaps": st.sampled_from(["NA", "", "1.5", "2", "-", "N/A", " 3"]),
    "comma gaps": st.sampled_from(["NA", "", "1,5", "2", "?", "0,125"]),
    "texts": st.sampled_from(["fine", 'said "no"', "two\nlines", "a, b; c", "NA", "", "  ", "\n\n"]),
    "times": st.datetimes().map("{:%Y-%m-%d %H:%M:%S}".format),
    "moments": st.datetimes(datetime(1900, 1, 1)).map("{:%Y-%m-%dT%H:%M}Z".format),
    "exact": st.datetimes(datetime(1900, 1, 1)).map(lambda each: each.isoformat(" ", "milliseconds")),
    "day first": st.dates().map("{:%d.%m.%Y}".format),
    "clock": st.times().map("{:%H:%M}".format),
}
"""Columns in which all cells are alike."""

ODD = [
    "",
    " ",
    "NA",
    "nan",
    "-",
    "?",
    "inf",
    "none",
    "N/A",
    "007",
    "1,5",
    "1.234,5",
    "x",
    " 5",
    "5 ",
    "12 %",
    "$3",
]
ODD += ['"4"', '"a,b"', "#", "# c", "\t", "1_0", "0x1", "1d5", "\u200b1", "3.50-", "1e400", "é", "True"]
ODD += ["2024-02-30", "2024-01-31", "2024-01-31 10:00", "2024-01-31T10:00Z", "0000-00-00", "0000-01-01"]
"""Cells that may be anywhere."""

ODD_LINES = ["", "", "  ", "\t", "# a comment", '# 5" long', "#", "1|2", "ROW", "ROW|", "|", 'ROW"', '"ROW']
"""Lines that may be between others; | is the separator, and ROW another line."""

ABOVE = [
    ("Report",),
    ("Report", ""),
    ("Report|", "|"),
    ("", "# made by hand"),
    ("sep=|",),
    ("mm|kg|s",),
    ('a "b" c',),
]
"""Lines that may be above all others."""

ENCODINGS = ["utf-8", "utf-8", "utf-8", "cp1252", "utf-16", "utf-16-le"]

MISSING = st.sampled_from([(), (), ("999",), ("?", "-999"), ("x",), ("2024-01-31",)])
"""What a person says that stands for a missing cell."""


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A delimited text that spreadsheets or scripts may write."""
    n, separator = draw(st.integers(3, 40)), draw(st.sampled_from([",", ",", "\t", ";", ";", "|"]))
    kinds = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=2, max_size=5))
    columns = [draw(st.lists(CELLS[kind], min_size=n, max_size=n)) for kind in kinds]
    for _ in range(draw(st.integers(0, 3))):
        column = draw(st.sampled_from(columns))
        column[draw(st.integers(0, n - 1))] = draw(st.sampled_from(ODD))
    gaps = draw(st.lists(st.tuples(st.sampled_from(columns), st.integers(0, n - 1)), max_size=6))
    for column, row in gaps:
        column[row] = draw(st.sampled_from(["", "", "NA"]))
    rows = [*zip(*columns, strict=True)]
    if draw(st.integers(0, 9)):
        names = [f"{kind}{i}" for i, kind in enumerate(kinds)]
        names[0] = draw(st.sampled_from(["", names[0], names[0], "0"]))
        rows.insert(0, tuple(names))
    quoted = draw(st.sampled_from(["all", "some", "none"]))
    lines = [separator.join(as_cell(cell, separator, quoted) for cell in row) for row in rows]
    for odd in draw(st.lists(st.sampled_from(ODD_LINES), max_size=3)):
        filled = odd.replace("|", separator).replace("ROW", lines[-1])
        lines.insert(draw(st.integers(0, len(lines))), filled)
    above = draw(st.sampled_from([()] * 5 + ABOVE))
    lines[:0] = [line.replace("|", separator) for line in above]
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return (
        draw(st.sampled_from([""] * 9 + ["\ufeff"]))
        + end.join(lines)
        + draw(st.sampled_from(["", end, 2 * end]))
    )


def as_cell(text: str, separator: str, quoted: str) -> str:
    """A cell in a file: in quotes where it has to be, or always, or as it is."""
    needed = separator in text or "\n" in text or ('"' in text and not text.startswith('"'))
    if quoted == "none" or (quoted == "some" and not needed):
        return text
    return '"' + text.replace('"', '""') + '"'


def what_is_read(table: Table) -> list[object]:
    """All that is asked of a table."""
    names = [*table.columns]
    said: list[object] = [
        names,
        table.form,
        table.notes,
        [table.place(i) for i in range(len(table[names[0]].values))],
    ]
    for name in names:
        said += [table.text(name), [*table.words(name)], table[name].notation, table[name].words]
    try:
        found = table.read(names)
    except InputError as error:
        return [*said, str(error)]
    return [*said, (found.values + 0.0).tolist(), found.columns, found.notes, found.warnings]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=texts(),
    known=st.integers(2, 50),
    packed=st.booleans(),
    encoding=st.sampled_from(ENCODINGS),
    missing=MISSING,
)
def test_both_readers_give_the_same_table(
    text: str,
    known: int,
    packed: bool,
    encoding: str,
    missing: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file, content = tmp_path_factory.mktemp("csv") / "t.csv", text.encode(encoding, "replace")
    file.write_bytes(gzip.compress(content) if packed else content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_text, "columns_in", seeing_few_rows(known))
        plain = read_plain(file, Asked(missing=missing))
    if plain is not None:
        np.testing.assert_equal(what_is_read(plain), what_is_read(read_text(file, Asked(missing=missing))))


def seeing_few_rows(known: int) -> Any:
    """`columns_in` that infers which columns are numbers from the first `known` rows."""
    usual = plain_text.columns_in
    return lambda blocks, head, asked: usual(
        blocks, head._replace(first=head.first._replace(body=head.first.body[:known])), asked
    )


def lines(n: int = 60) -> list[str]:
    rng = np.random.default_rng(0)
    words = rng.choice(["red", "green"], n)
    return ["id,x,y,colour", *(f"{7 * i},{rng.normal():.4f},{i % 9},{words[i]}" for i in range(n))]


def test_names_in_a_comment_and_rows_named_as_by_r(tmp_path: Path) -> None:
    rows = lines()
    for changed in (
        ["# " + rows[0], *rows[1:]],
        ["# by hand", "#" + rows[0], "", *rows[1:]],
        [rows[0], *(f"r{i},{row}" for i, row in enumerate(rows[1:]))],
    ):
        file = written(tmp_path, changed)
        table = read_plain(file, Asked())
        assert table is not None
        assert [*table.columns][-4:] == ["id", "x", "y", "colour"]
        np.testing.assert_equal(what_is_read(table), what_is_read(read_text(file)))


def test_a_file_of_which_half_are_comments_is_left_to_the_other_reader(tmp_path: Path) -> None:
    rows = [line for row in lines() for line in (row, "#" + row)]
    assert read_plain(written(tmp_path, rows), Asked()) is None
    assert read_plain(written(tmp_path, [*lines(), *["# note"] * 70]), Asked()) is None


def written(folder: Path, rows: list[str]) -> Path:
    file = folder / "t.csv"
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file


def test_plain_columns_of_numbers_become_arrays_and_keep_their_texts(tmp_path: Path) -> None:
    rows = lines()
    rows[5] = "28,,1.50,red"
    file = written(tmp_path, rows)
    table = read_plain(file, Asked())
    assert table is not None
    assert [isinstance(cells.values, np.ndarray) for cells in table.columns.values()] == [
        True,
        True,
        True,
        False,
    ]
    assert [table[name].dtype for name in ("id", "x", "y")] == ["int64", "float64", "float64"]
    assert table.text("y")[3:6] == ["3", "1.50", "5"]
    assert table.text("x")[4] == ""
    assert table.place(4) == "Line 6 of t.csv"
    found = table.read(["id", "x", "y"])
    assert found.values.base is None or found.values.shape == (60, 3)
    np.testing.assert_equal(what_is_read(table), what_is_read(read_text(file)))


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        (20, "133,0.5,1"),
        (20, "id,x,y,colour"),
        (61, ",,,"),
    ],
)
def test_what_is_split_in_another_way_is_left_to_the_other_reader(
    line: int, instead: str, tmp_path: Path
) -> None:
    rows = lines()
    rows[line:line] = [instead]
    assert read_plain(written(tmp_path, rows), Asked()) is None


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        (20, ""),
        (20, "  "),
        (20, "# not all of it"),
        (20, '133,0."5",1,red'),
        (20, '133,0.5,1,"red" "green"'),
        (20, '133,0.5,1,="red"'),
        (1, "mm,mm,mm,"),
        (0, "Measured in May"),
        (0, "Report,,,"),
        (0, "# by hand"),
        (0, "sep=,"),
        (30, "133,0.5,1,\u200bred"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_lines_that_are_no_rows_do_not_matter(
    line: int, instead: str, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_text, "HEAD_LINES", 25)
    rows = [*lines(), "", "# the end"]
    rows[line:line] = [instead]
    file = tmp_path / "t.csv"
    file.write_bytes("\r\n".join(rows).encode(encoding))
    table = read_plain(file, Asked())
    assert table is not None
    np.testing.assert_equal(what_is_read(table), what_is_read(read_text(file)))


@pytest.mark.parametrize("row", ["133,0.5,1 %,red", "133,abc,1,red", "133,007,1,red", '133,"0,5",1,red'])
def test_columns_with_other_cells_than_numbers_are_read_as_texts(row: str, tmp_path: Path) -> None:
    rows = lines()
    rows[20:20] = [row]
    file = written(tmp_path, rows)
    table = read_plain(file, Asked())
    assert table is not None
    assert sum(isinstance(cells.values, np.ndarray) for cells in table.columns.values()) == 2
    np.testing.assert_equal(what_is_read(table), what_is_read(read_text(file)))


def test_the_last_line_counts_without_an_end(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    rows = ["x,a", *["1.5,u"] * 9, "2,a"]
    file.write_text("\n".join(rows))
    assert read_plain(file, Asked()) is None
    assert read_text(file).notes[0].startswith("The first line is a row of data")


def test_a_bad_cell_is_named_with_its_line_and_column(tmp_path: Path) -> None:
    rows = ["Report", "# by hand", "", *lines()[:20], '133,abc,1,"red\nor green"', "140,1.5,1,red"]
    file = written(tmp_path, rows)
    known = Asked(form=Form(), levels={"id": (), "x": (), "y": (), "colour": ("green", "red")})
    for table in (read_plain(file, known), read_text(file, known)):
        assert table is not None
        with pytest.raises(
            InputError, match=r"^Line 25 of t.csv has the text 'abc' in column 'x', where numb"
        ):
            table.read(["x"])


def test_sums_in_the_last_line_are_left_to_the_other_reader(tmp_path: Path) -> None:
    rows = ["a,b", *(f"{i},{2 * i}" for i in range(1, 20)), "190,380"]
    file = written(tmp_path, rows)
    assert read_plain(file, Asked()) is None
    assert read_table(file, "", Reading()).array.shape == (19, 2)


def test_an_infinite_last_cell_is_no_sum(tmp_path: Path) -> None:
    rows = ["a,b", *(f"{i},{2 * i}" for i in range(1, 20)), "inf,inf", "inf,inf"]
    assert read_text(written(tmp_path, rows)).text("a")[-2:] == ["inf", "inf"]


def test_what_is_asked_of_missing_cells_and_notations_is_known(tmp_path: Path) -> None:
    file = written(tmp_path, lines())
    levels = {"id": (), "x": (), "y": (), "colour": ("red",)}
    for asked in (
        Asked(missing=("3",)),
        Asked(form=Form(missing=("3",))),
        Asked(form=Form(notations={"x": Notation(",")}), levels=levels),
        Asked(form=Form(notations={"y": Notation(suffix="%")}), levels=levels),
    ):
        table = read_plain(file, asked)
        assert table is not None
        np.testing.assert_equal(what_is_read(table), what_is_read(read_text(file, asked)))


def test_a_column_of_words_for_the_model_stays_one(tmp_path: Path) -> None:
    levels = {"id": (), "x": (), "y": ("0", "1"), "colour": ("green", "red")}
    table = read_plain(written(tmp_path, lines()), Asked(form=Form(), levels=levels))
    assert table is not None
    assert table.words("y")[:3] == ["0", "1", "2"]
    assert not isinstance(table["y"].values, np.ndarray)


def test_without_pyarrow_files_are_read_by_the_other_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert read_plain(written(tmp_path, lines()), Asked()) is None
