"""Columns of many words: what is kept, what is read as the rest, and what is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.columns import Column, words
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.tables.many_words import vocabulary
from tests.samples import of_frame


def towns(n: int, seed: int = 0) -> list[str]:
    """Towns as they are spread in the world: few large ones, many small ones."""
    rng = np.random.default_rng(seed)
    return [f"town {rank}" for rank in rng.zipf(1.3, n).clip(max=2000)]


def test_the_frequent_words_are_kept_and_one_level_stands_for_the_rest() -> None:
    cells = towns(3000)
    data = of_frame(pandas.DataFrame({"town": cells, "size": range(3000)}))
    column = data.schema.columns[0]
    counts = pandas.Series(cells).value_counts()
    assert len(column.levels) <= 200
    assert column.rest == "other"
    assert set(column.levels) - {"other"} <= set(counts.index[counts >= 5])
    kept = pandas.Series(cells).isin(column.levels)
    back = words(data.array, data.schema.columns)["town"]
    assert (back[kept] == np.array(cells)[kept]).all()
    assert (back[~kept] == "other").all()
    assert f"in {int((~kept).sum()):,} of 3,000 cells, are read as 'other'" in data.notes[0]


def test_new_words_of_such_a_column_are_the_rest(tmp_path: Path) -> None:
    pandas.DataFrame({"town": towns(3000), "size": range(3000)}).to_csv(tmp_path / "a.csv", index=False)
    schema = read("a.csv").schema
    (tmp_path / "b.csv").write_text("size,town\n1,Atlantis\n2,\n3,town 1\n")
    again = read("b.csv", Reading(like=schema, unknown="far"))
    assert again.warnings == ()
    found = words(again.array, schema.columns)["town"]
    assert found.tolist() == ["other", None, "town 1"]


def test_a_word_of_the_file_for_the_rest_is_used() -> None:
    counts = {"Other": 30, **{f"w{i}": 10 if i < 50 else 1 for i in range(300)}}
    found = vocabulary(counts, sum(counts.values()))
    assert found is not None
    assert (found.rest, len(found.levels)) == ("Other", 51)


@pytest.mark.parametrize(
    ("counts", "rows", "kept"),
    [
        ({f"w{i}": 10 for i in range(200)}, 2000, 200),
        ({f"w{i}": 10 for i in range(201)}, 2010, 200),
        ({f"id{i}": 10 for i in range(2000)}, 20000, None),
        ({f"w{i}": 1 for i in range(21)}, 100, None),
        ({"fine": 60, **{f"remark {i}": 1 for i in range(40)}}, 100, 2),
    ],
)
def test_the_words_that_are_kept_hold_a_share_of_the_cells(
    counts: dict[str, int], rows: int, kept: int | None
) -> None:
    found = vocabulary(counts, rows)
    assert (None if found is None else len(found.levels)) == kept


def test_text_that_hardly_repeats_is_left_out_by_name(tmp_path: Path) -> None:
    rows = "".join(f"{i % 7},name {i},{i % 5}\n" for i in range(100))
    (tmp_path / "a.csv").write_text("a,name,b\n" + rows)
    found = read("a.csv")
    assert found.schema.names == ("a", "b")
    assert found.warnings == (
        "Text of a.csv that hardly repeats in its 100 rows is left out: 'name' (100 different words).",
    )
    assert read("a.csv", Reading(drop=("name",))).warnings == ()
    with pytest.raises(InputError, match=r"'name' of a\.csv holds text that hardly repeats"):
        read("a.csv", Reading(columns=("a", "name")))
    with pytest.raises(InputError, match=r"has no column 'nam'\. Did you mean 'name'"):
        read("a.csv", Reading(drop=("nam",)))


def test_runs_of_earlier_versions_have_no_level_for_the_rest() -> None:
    assert Column.from_json({"name": "a", "dtype": "str", "levels": ["x"]}) == Column("a", "str", ("x",))
    with pytest.raises(InputError, match="no level 'other' for the rest"):
        Column.from_json({"name": "a", "dtype": "str", "levels": ["x"], "rest": "other"})


def test_words_that_differ_in_capitals_are_named() -> None:
    frame = pandas.DataFrame({"a": ["red", "Red", "blue"] * 20, "b": ["x", "y", "z"] * 20})
    assert (
        "Words in 'a' differ in capitals only, and count as different: 'Red', 'red'."
        in of_frame(frame).warnings
    )
