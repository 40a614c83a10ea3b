"""Text files as people have them: encodings, separators, comments and headers."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading

ROWS = [[f"{i / 8:.3f}", f"{i % 5}", ("Köln", "Ulm")[i % 2]] for i in range(30)]
NAMES = ["size", "rooms", "town"]


def text(separator: str = ",", end: str = "\n", header: bool = True) -> str:
    return end.join(separator.join(row) for row in ([NAMES] if header else []) + ROWS) + end


VALUES = np.array([[i / 8, i % 5, i % 2] for i in range(30)])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_separators_and_encodings_are_found(separator: str, encoding: str) -> None:
    Path("a.csv").write_bytes(text(separator).encode(encoding))
    found = read("a.csv")
    np.testing.assert_array_equal(found.array, VALUES)
    assert found.schema.names == tuple(NAMES)
    assert found.schema.columns[2].levels == ("Köln", "Ulm")
    assert (separator == ",") == ("Separated" not in " ".join(found.notes))
    said = {"u": "UTF-16", "c": "Windows-1252"}[encoding[0]]
    assert encoding.startswith("utf-8") or said in found.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\n" + text(";"),
        '"sep=|"\r\n' + text("|", "\r\n"),
        "# made by hand\n#\n" + text(),
        text() + "# the end\n",
        "# size,rooms,town\n" + text(header=False),
        "#size;rooms;town\n" + text(";", header=False),
        text() + ",,\n,,\n\n",
        text("  "),
        "Instrument 5\nDate,2024-05-01\n\n" + text(),
        "Report;\n" + text(";"),
        text().replace("town\n", "town,\n", 1),
        text().replace("town\n", "town,,,\n", 1),
        text(";").replace("Ulm\n", "Ulm;;\n").replace("Köln\n", "Köln;;\n"),
        text().replace("Ulm\n", "Ulm,\n"),
        text().replace("2.000,", "size,rooms,town\n2.000,"),
        text().replace("2.000,", '="2.000",').replace("3.125", "\u200b3.125\ufeff"),
    ],
)
def test_what_is_no_row_is_left_out(content: str) -> None:
    Path("a.txt").write_text(content, "utf-8")
    found = read("a.txt")
    np.testing.assert_array_equal(found.array, VALUES)
    assert found.schema.names == tuple(NAMES)


def test_gzipped_text() -> None:
    Path("a.csv.gz").write_bytes(gzip.compress(text().encode()))
    assert read("a.csv.gz").name == "a"
    Path("cut.csv.gz").write_bytes(gzip.compress(text().encode())[:60])
    with pytest.raises(InputError, match="cannot be read as gzipped text"):
        read("cut.csv.gz")


def test_colours_are_no_comments() -> None:
    Path("a.csv").write_text("colour,x\n" + "#ff0000,1\n#00ff00,2\n" * 20)
    assert len(read("a.csv")) == 40


def test_columns_and_rows_of_commas_only() -> None:
    Path("a.csv").write_text("a,b,,\n" + "1,2,,\n3,5,,\n" * 5)
    found = read("a.csv")
    assert found.schema.names == ("a", "b")
    assert "Columns without name and values are left out: 2." in found.notes
    Path("b.csv").write_text("a,b\n" + ",\n" * 40)
    with pytest.raises(InputError, match="holds no rows"):
        read("b.csv")


def test_a_line_of_another_length_is_refused_with_its_place() -> None:
    Path("a.csv").write_text("a,b,c\n" + "1,2,3\n" * 5 + "4,5,6,7\n" + "8,9\n")
    with pytest.raises(
        InputError, match=r"Line 7 of a\.csv has 4 cells, but the first line has 3; give each"
    ):
        read("a.csv")


def test_names_of_rows_as_r_writes_them() -> None:
    Path("a.csv").write_text('"a","b"\n' + "".join(f'"r{i}",{i},{i % 3}\n' for i in range(10)))
    found = read("a.csv")
    assert (found.schema.names, found.ids[:2]) == (("a", "b"), ("r0", "r1"))


def test_the_header_is_as_asked() -> None:
    Path("a.csv").write_text("7,9\n" + "1,2\n3,4\n" * 5)
    assert read("a.csv").schema.names == ("x0", "x1")
    assert read("a.csv", Reading(header=True)).schema.names == ("7", "9")
    Path("b.csv").write_text(text())
    with pytest.raises(InputError, match=r"Line 1 of b\.csv has the text 'size'"):
        read("b.csv", Reading(header=False))


def test_new_files_are_read_as_the_first() -> None:
    """A file of one row says nothing about its header, decimal comma, units or missing cells."""
    rows = "".join(f"{i},5;{i}.500;{i} %;{('NA', 'EU')[i % 2]}\n" for i in range(1, 40))
    Path("a.csv").write_text("a;b;c;d\n" + rows)
    first = read("a.csv")
    Path("b.csv").write_text("a;b;c;d\n7;7.500;7 %;NA\n")
    again = read("b.csv", Reading(like=first.schema, form=first.form))
    np.testing.assert_array_equal(again.array, [[7, 7500, 7, 1]])


def test_a_quoted_na_is_a_word_where_na_is_missing() -> None:
    """R writes words in quotes, and missing cells without."""
    rows = "".join(
        f'{("NA", i % 9)[i % 5 > 0]},{("NA", chr(34) + "NA" + chr(34))[i % 2]},"b{i % 2}"\n'
        for i in range(40)
    )
    Path("a.csv").write_text('"x","region","c"\n' + rows + '3,"EU","b1"\n' * 5)
    found = read("a.csv")
    assert found.schema.columns[1].levels == ("EU", "NA")
    assert np.isnan(found.array).sum(axis=0).tolist() == [8, 20, 0]
    again = read("a.csv", Reading(like=found.schema, form=found.form))
    np.testing.assert_array_equal(again.array, found.array)


def test_percent_and_shares_in_a_column_are_not_mixed() -> None:
    Path("a.csv").write_text("p,q\n" + "".join(f"{i}%,{i % 7}\n" for i in range(1, 40)) + "0.5,1\n")
    with pytest.raises(InputError, match=r"Line 2 of a\.csv has the text '1%' in column 'p'|hardly repeats"):
        read("a.csv", Reading(columns=("p", "q")))


def test_bytes_that_are_no_text() -> None:
    Path("a.csv").write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(InputError, match="is no text, but an Excel or zip file"):
        read("a.csv")
    Path("a.csv").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(InputError, match="holds bytes that are no text"):
        read("a.csv")


def test_numbers_as_accountants_and_fortran_write_them() -> None:
    Path("a.csv").write_text("a;b;grade\n" + "12,50-;1,5D+02;3-\n7,25;2,5D-01;2\n1,00-;3;1-\n" * 9)
    found = read("a.csv")
    np.testing.assert_array_equal(found.array[:3, :2], [[-12.5, 150], [7.25, 0.25], [-1, 3]])
    assert found.schema.columns[2].levels == ("1-", "2", "3-")


def test_text_among_numbers_is_named_with_what_can_be_done() -> None:
    Path("a.csv").write_text("a,b\n" + "1.5,2\n" * 20 + "<0.5,3\n")
    with pytest.raises(
        InputError, match=r"Line 22 .* read it as one with --missing '<0\.5'; else correct it"
    ):
        read("a.csv")
    assert np.isnan(read("a.csv", Reading(missing=("<0.5",))).array[-1, 0])
