from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.feature_columns import FeatureColumns
from narrows.data.graphs.node_features import Features, features_in, known_features
from narrows.data.tables.table import Table
from narrows.data.tables.text import read_text

TEXT = "age,hue,ok,bio\n1,red,yes,likes p\n,blue,no,hates q\n3,red,,eats r\n5,,yes,drinks s\n"


def table_of(text: str) -> Table:
    Path("n.csv").write_text(text, "utf-8")
    return read_text(Path("n.csv"))


def features_of(text: str) -> Features:
    table = table_of(text)
    return features_in(table, list(table.columns))


def test_numbers_booleans_and_words_become_features() -> None:
    found = features_of(TEXT)
    assert found.names == ("age", "ok", "hue: blue", "hue: red")
    np.testing.assert_array_equal(found.values, [[1, 1, 0, 1], [3, 0, 1, 0], [3, 1, 0, 1], [5, 1, 0, 1]])
    text, gaps = found.warnings
    assert "'bio' (4 different words)" in text
    assert gaps.endswith("the most frequent word, of their column: age (1), hue (1), ok (1).")


def test_other_tables_are_read_alike() -> None:
    columns = features_of(TEXT).columns
    assert columns is not None
    again = FeatureColumns.from_json(json.loads(json.dumps({"columns": [], "usual": []}))).names
    assert again == ()
    found = known_features(table_of("ok,hue,age\nno,green,\n"), columns)
    np.testing.assert_array_equal(found.values, [[3, 0, 0, 1]])
    assert any("'hue' in 1 cell ('green')" in warning for warning in found.warnings)
    with pytest.raises(InputError, match="has no column 'hue'"):
        known_features(table_of("ok,age\nno,3\nyes,4\n"), columns)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,\n2,\n", "The column 'b' of n.csv has no value in its 2 rows"),
        ("a,b\n1,2\n2,inf\n", r"Line 3 of n\.csv has an infinite number in column 'b'"),
        ("a,b\n1,2\n2,x\n3,4\n", "has the text 'x' in column 'b', where numbers are wanted"),
    ],
)
def test_columns_that_cannot_be_features_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        features_of(text)


def test_text_only_makes_no_features() -> None:
    found = features_of("bio,b\nlikes p,a\nhates q,b\neats r,c\n")
    assert found.values is None
    assert found.notes == ("n.csv has no features of nodes: the model tells them apart by their edges.",)
