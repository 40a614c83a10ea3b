from __future__ import annotations

import numpy as np

from narrows.data.graphs.attributes import table_of


def test_attributes_become_cells_of_their_nature() -> None:
    nodes = [
        {"a": 1, "b": True, "c": "red", "d": 0.5, "e": {"x": 1}, "f": np.float32(2.0)},
        {"a": 2, "b": None, "c": 7, "d": float("nan"), "f": np.float32(3.0)},
    ]
    table = table_of(nodes, "nodes")
    assert list(table.columns) == ["a", "b", "c", "d", "f"]
    assert table.notes == ("Attributes of nodes that are no numbers or words are left out: e.",)
    assert [table[name].dtype for name in table.columns] == ["int64", "bool", "str", "float64", "float64"]
    assert [*table.words("c")] == ["red", "7"]
    assert [*table.words("b")] == ["True", None]
    np.testing.assert_array_equal(table["d"].values, [0.5, np.nan])
