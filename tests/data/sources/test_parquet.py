from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import on_disk
from narrows.data.sources.parquet import ParquetRows, column_names
from narrows.fitting.fit import fit
from tests.samples import curve

VALUES = curve(300)


@pytest.fixture
def files() -> list[Path]:
    Path("shards").mkdir()
    frame = pandas.DataFrame(VALUES, columns=list("abcdef")).astype({"f": "float32"})
    frame["n"] = np.arange(300)
    frame.loc[7, "b"] = np.nan
    found = [Path(f"shards/{i}.parquet") for i in range(3)]
    for i, file in enumerate(found):
        frame.iloc[100 * i : 100 * i + 100].to_parquet(file, index=False, row_group_size=30)
    return found


def expected() -> np.ndarray:
    values = np.column_stack([VALUES, np.arange(300.0)])
    values[:, 5] = values[:, 5].astype("f4")
    values[7, 1] = np.nan
    return values


def test_rows_are_those_of_all_files(files: list[Path]) -> None:
    source = ParquetRows(files, column_names(files[0]))
    assert source.shape == (300, 7)
    assert source.dtype == np.float64
    assert [len(rows) for rows in source.blocks()] == 3 * [30, 30, 30, 10]
    np.testing.assert_array_equal(source.all(), expected())
    index = np.random.default_rng(0).integers(0, 300, 80)
    np.testing.assert_array_equal(source.take(index), expected()[index])
    assert source.take(np.empty(0, dtype=np.intp)).shape == (0, 7)
    places = np.sort(np.concatenate(list(source.together(index))))
    np.testing.assert_array_equal(places, np.arange(80))
    assert ParquetRows(files, ["f"]).dtype == np.float32


def test_small_files_are_a_table_in_memory(files: list[Path]) -> None:
    data = read("shards/*.parquet", Reading(drop=("n",)))
    assert data.source.in_memory
    assert data.schema.names == tuple("abcdef")
    np.testing.assert_array_equal(data.array, expected()[:, :6])


def test_large_files_stay_on_disk_and_are_fitted_to(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_disk, "LARGE", 1)
    data = read("shards/*.parquet", Reading(drop=("n",)))
    assert not data.source.in_memory
    assert data.schema.names == tuple("abcdef")
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 3}})
    again = read("shards/*.parquet", Reading(like=run.schema))
    assert run.encode(again.source).shape == (300, 2)
    with pytest.raises(InputError, match="--label is for tables in memory"):
        read("shards/*.parquet", Reading(label="n"))


def test_what_cannot_be_read_together_is_named(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"0.parquet has no column 'z'; it has a, b, c"):
        ParquetRows(files, ["z"])
    frame = pandas.read_parquet(files[1]).rename(columns={"a": "z"})
    frame.to_parquet(files[1], index=False)
    with pytest.raises(InputError, match=r"but 0.parquet and 1.parquet differ"):
        read("shards/*.parquet")
    frame.assign(a="word").to_parquet(files[0], index=False)
    monkeypatch.setattr(on_disk, "LARGE", 1)
    with pytest.raises(InputError, match=r"'a' of 0.parquet holds .*string.*; leave it out with --drop a"):
        read("shards/*.parquet", Reading(columns=("a",)))
    files[0].write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"0.parquet cannot be read as Apache Parquet"):
        read("shards/*.parquet")
