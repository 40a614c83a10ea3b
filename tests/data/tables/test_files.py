"""Tables with typed columns: Parquet, Feather and JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.formats import FORMATS
from narrows.data.readers import read
from narrows.data.reading import Reading

FRAME = pandas.DataFrame(
    {"x": [1.5, None, 2.5, 4.0] * 5, "n": range(20), "region": ["NA", "EU", "?", "EU"] * 5}
)


@pytest.mark.parametrize("ending", [".parquet", ".feather", ".jsonl"])
def test_typed_columns(ending: str) -> None:
    if ending == ".jsonl":
        FRAME.to_json("a.jsonl", orient="records", lines=True)
    else:
        getattr(FRAME, f"to_{ending[1:]}")(f"a{ending}")
    found = read(f"a{ending}")
    assert found.schema.columns[2].levels == ("?", "EU", "NA")
    np.testing.assert_array_equal(found.array[:, :2], FRAME[["x", "n"]])


def test_missing_cells_of_typed_columns_are_named() -> None:
    FRAME.assign(x=[-999.0, 1, 2, 3] * 5).to_parquet("a.parquet")
    found = read("a.parquet", Reading(missing=("?", "-999")))
    assert np.isnan(found.array).sum(axis=0).tolist() == [5, 0, 5]
    again = read("a.parquet", Reading(like=found.schema, form=found.form))
    np.testing.assert_array_equal(again.array, found.array)


@pytest.mark.parametrize("ending", [".parquet", ".feather", ".jsonl"])
def test_large_integers_are_read_exactly(ending: str) -> None:
    ids = [2**53 + i for i in range(20)]
    frame = pandas.DataFrame({"id": ids, "of": [*ids[:18], None, None], "row": range(20), "x": [1.0, 2] * 10})
    frame["of"] = pandas.array([*ids[:18], None, None], dtype="Int64")
    if ending == ".jsonl":
        frame.to_json("a.jsonl", orient="records", lines=True)
    else:
        getattr(frame, f"to_{ending[1:]}")(f"a{ending}")
    assert read(f"a{ending}", Reading(id="id", columns=("x",))).ids == tuple(map(str, ids))
    assert read(f"a{ending}", Reading(id="of", columns=("x",))).ids == (*map(str, ids[:18]), "", "")
    assert read(f"a{ending}", Reading(id="row", columns=("x",))).ids == tuple(map(str, range(20)))
    labels = read(f"a{ending}", Reading(label="id", columns=("x",))).labels
    assert labels is not None
    assert labels.tolist() == [*map(str, ids)]


def test_a_description_among_json_objects_is_left_out() -> None:
    rows = [json.dumps({"a": i, "b": i % 3}) for i in range(20)]
    about, sums = '{"version": 2, "made": "2024-01-05"}', '{"rows": 20}'
    Path("a.jsonl").write_text("\n".join([about, *rows, sums]))
    found = read("a.jsonl")
    assert (len(found), found.schema.names) == (20, ("a", "b"))
    assert found.notes[0].startswith("The first object of a.jsonl is left out")
    assert "it has version, made, but the others have a, b." in found.notes[0]
    Path("a.jsonl").write_text("\n".join(['{"a": 1, "c": 7}', *rows]))
    assert len(read("a.jsonl")) == 21


def test_objects_in_json_are_refused() -> None:
    Path("a.jsonl").write_text('{"a": 1, "b": [1, 2]}\n{"a": 2, "b": [3]}\n')
    with pytest.raises(InputError, match=r"'b' of a\.jsonl holds objects or lists"):
        read("a.jsonl")


@pytest.mark.parametrize("name", ["parquet", "feather", "jsonl", "excel"])
def test_a_damaged_file_is_one_sentence(name: str) -> None:
    if name == "excel":
        pytest.importorskip("openpyxl")
    file = f"a{FORMATS[name].endings[0]}"
    Path(file).write_bytes(b"{no such file")
    with pytest.raises(InputError, match="cannot be read as") as caught:
        read(file)
    assert "\n" not in str(caught.value)
