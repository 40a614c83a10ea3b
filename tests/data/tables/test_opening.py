from __future__ import annotations

from pathlib import Path

import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.reading import INFERRED
from narrows.data.tables.opening import open_table


def test_a_table_in_a_file_of_each_format(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"a": [1.5, 2.5], "b": [3.0, 4.0]})
    frame.to_csv("t.csv", index=False)
    frame.to_csv("t.tsv", index=False, sep="\t")
    frame.to_parquet("t.parquet")
    for name in ("t.csv", "t.tsv", "t.parquet"):
        found = open_table(Path(name), "", INFERRED)
        assert found.text("a") == ["1.5", "2.5"], name
    with pytest.raises(InputError, match="is one table and has no part 'x'"):
        open_table(Path("t.csv"), "x", INFERRED)


def test_the_index_of_a_frame_counts_if_it_is_asked_for(tmp_path: Path) -> None:
    times = pandas.date_range("2024-10-27", periods=3, freq="h", tz="Europe/Berlin", name="when")
    pandas.DataFrame({"a": [1.0, 2.0, 3.0]}, index=times).to_parquet("t.parquet")
    assert list(open_table(Path("t.parquet"), "", INFERRED).columns) == ["a"]
    found = open_table(Path("t.parquet"), "", INFERRED, index=True)
    assert list(found.columns) == ["when", "a"]
    moments = found["when"].moments
    assert moments is not None
    assert [str(each)[:16] for each in moments] == [
        "2024-10-26T22:00",
        "2024-10-26T23:00",
        "2024-10-27T00:00",
    ]


def test_a_sheet_of_a_spreadsheet(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    pandas.DataFrame({"a": [1.5, 2.5]}).to_excel("t.xlsx", sheet_name="two", index=False)
    assert open_table(Path("t.xlsx"), "two", INFERRED).text("a") == ["1.5", "2.5"]
