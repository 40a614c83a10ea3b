"""Tables as people have them: columns of words, missing cells, types that come back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.columns import Column
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.summary import summarise
from narrows.data.tables.notation import Notation
from narrows.data.tables.table import from_frame, side_by_side
from narrows.fitting.fit import fit
from tests.samples import of_frame

HOUSES = "size;rooms;garden;town\n" + "".join(
    f"{50 + 3.5 * (i % 17):.1f};{1 + i % 5};{'yes' if i % 3 else 'no'};{('Ulm', 'Bonn', 'Köln')[i % 3]}\n"
    for i in range(60)
)


def test_a_file_of_every_nature(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text(HOUSES.replace(".", ","), "utf-8")
    found = read("houses.csv")
    assert found.schema.columns == (
        Column("size", "float64", notation=Notation(",", places=1)),
        Column("rooms", "int64"),
        Column("garden", "bool", ("no", "yes")),
        Column("town", "str", ("Bonn", "Köln", "Ulm")),
    )
    assert found.array[1].tolist() == [53.5, 2, 1, 0]
    assert found.schema.model_shape == (6,)
    columns = summarise(found)["columns"]
    assert [column["nature"] for column in columns] == ["number", "number", "boolean", "category"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("5.1,setosa\n4.9,setosa\n6.0,virginica\n6.1,virginica\n", ("x0", "x1")),
        ("country,2019,2020\nA,1,2\nB,3,4\nA,5,6\nB,1,2\n", ("country", "2019", "2020")),
        ("a\tb\n1\t2\n3\t4\n", ("a", "b")),
        ("1,2\n3,4\n", ("x0", "x1")),
    ],
)
def test_the_line_of_names_is_told_from_data(text: str, names: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    assert read("a.csv").schema.names == names


def test_one_word_among_numbers_is_a_mistake_and_no_category(tmp_path: Path) -> None:
    rows = [f"{i},{i % 7}" for i in range(40)]
    rows[20] = "20,n.a.?"
    (tmp_path / "a.csv").write_text("a,b\n" + "\n".join(rows))
    with pytest.raises(InputError, match=r"Line 22 of a\.csv has the text 'n\.a\.\?' in column 'b'"):
        read("a.csv")


@pytest.mark.parametrize(
    ("cells", "nature", "levels"),
    [
        (["YES", "no"] * 5, "boolean", ("no", "YES")),
        (["True"] * 10, "boolean", ("False", "True")),
        (["Yes", "yes", "no"] * 5, "category", ("Yes", "no", "yes")),
        (["red", "no"] * 5, "category", ("no", "red")),
    ],
)
def test_yes_and_no_in_any_spelling(cells: list[str], nature: str, levels: tuple[str, ...]) -> None:
    (column,) = of_frame(pandas.DataFrame({"a": cells})).schema.columns
    assert (column.nature, column.levels) == (nature, levels)


def test_a_boolean_column_without_a_value_is_named() -> None:
    frame = pandas.DataFrame({"a": range(40), "b": pandas.array([None] * 40, dtype="boolean")})
    with pytest.raises(InputError, match="'b' has no value"):
        fit(of_frame(frame))


def test_new_rows_have_the_columns_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HOUSES, "utf-8")
    schema = read("a.csv").schema
    (tmp_path / "b.csv").write_text("town;garden;rooms;size\nUlm;yes;3;50\n;no;;70\n", "utf-8")
    again = read("b.csv", Reading(like=schema))
    np.testing.assert_array_equal(again.array, [[50, 3, 1, 2], [70, np.nan, 0, np.nan]])


def test_words_that_were_never_seen_are_missing_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HOUSES, "utf-8")
    how = Reading(like=read("a.csv").schema)
    new = "town;garden;rooms;size\nUlm;yes;3;50\nRom;no;two;70\nRom;;4;60\n"
    (tmp_path / "b.csv").write_text(new, "utf-8")
    found = read("b.csv", how)
    known = [[50, 3, 1, 2], [70, np.nan, 0, np.nan], [60, 4, np.nan, np.nan]]
    np.testing.assert_array_equal(found.array, known)
    words = "'rooms' in 1 cell ('two'), 'town' in 2 cells ('Rom')."
    assert found.warnings == (
        f"b.csv holds words that the model was not fitted to, which count as missing: {words}",
    )
    far = read("b.csv", replace(how, unknown="far"))
    np.testing.assert_array_equal(np.isinf(far.array), [[0] * 4, [0, 1, 0, 1], [0, 0, 0, 1]])
    assert "far from all others" in far.warnings[0]


def test_new_rows_with_mostly_text_in_a_column_of_numbers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HOUSES, "utf-8")
    (tmp_path / "b.csv").write_text("town;garden;rooms;size\nUlm;yes;3;50 m\nUlm;no;2;70 m\n", "utf-8")
    with pytest.raises(InputError, match=r"Line 2 of b\.csv has the text '50 m' in column 'size'"):
        read("b.csv", Reading(like=read("a.csv").schema))


def test_the_words_of_a_held_out_file_that_are_not_in_the_other_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HOUSES, "utf-8")
    (tmp_path / "b.csv").write_text(HOUSES.replace("Ulm", "Rom"), "utf-8")
    found = read("a.csv", Reading(test="b.csv"))
    assert "'town' in 20 cells ('Rom')" in found.warnings[0]
    assert found.warnings[0] in summarise(found)["warnings"]


def test_a_level_of_the_dtype_that_no_cell_has_is_no_error() -> None:
    levels = pandas.CategoricalDtype(["low", "mid", "high"])
    frame = pandas.DataFrame({"a": np.arange(40.0), "b": pandas.Series(["low", "mid"] * 20, dtype=levels)})
    fitted = of_frame(frame)
    assert fitted.schema.columns[1].levels == ("low", "mid")
    rows = from_frame(frame[:1], "X").read_as(fitted.schema.columns)
    assert not rows.unknown
    high = pandas.DataFrame({"a": [1.0], "b": pandas.Series(["high"], dtype=levels)})
    assert from_frame(high, "X").read_as(fitted.schema.columns).unknown[1].words == ["high"]


def test_time_differences_and_complex_columns_are_named() -> None:
    waits = pandas.DataFrame({"wait": pandas.to_timedelta(range(30), unit="h"), "a": range(30)})
    with pytest.raises(InputError, match="'wait' of X holds differences of times"):
        of_frame(waits)
    with pytest.raises(InputError, match="'z' of X holds complex"):
        of_frame(pandas.DataFrame({"z": np.ones(5) * 1j}))


def test_words_without_a_header_keep_their_codes(tmp_path: Path) -> None:
    """A file that lacks a word gives the others the codes that they had in training."""
    (tmp_path / "all.csv").write_text("0.1,red\n0.2,green\n0.3,blue\n" * 20)
    (tmp_path / "some.csv").write_text("0.1,red\n0.2,green\n" * 20)
    fitted = read(str(tmp_path / "all.csv"), Reading())
    assert fitted.schema.names == ("x0", "x1")
    later = read(str(tmp_path / "some.csv"), Reading(like=fitted.schema))
    np.testing.assert_array_equal(later.array[:2], fitted.array[:2])
    (tmp_path / "three.csv").write_text("0.1,red,2\n0.2,green,1\n" * 20)
    with pytest.raises(InputError, match="shape 3"):
        read(str(tmp_path / "three.csv"), Reading(like=fitted.schema))


def test_a_table_without_a_value_is_refused() -> None:
    Path("a.csv").write_text("a,b\n" + "?,?\n" * 4)
    with pytest.raises(InputError, match=r"a\.csv has no value: all cells of its 4 rows are missing"):
        read("a.csv")


def test_columns_of_one_array_are_not_copied() -> None:
    values = np.arange(12.0).reshape(4, 3).copy()
    assert side_by_side([values[:, 0], values[:, 1], values[:, 2]], 3) is values
    for columns in (
        [values[:, 1], values[:, 0], values[:, 2]],
        [values[:, 0], values[:, 1]],
        [values[:, 0].copy()],
    ):
        np.testing.assert_array_equal(side_by_side(columns, len(columns)), np.stack(columns, axis=1))
