from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.array_data import array_data


def test_an_array_has_the_kind_of_its_axes() -> None:
    assert array_data(np.zeros((5, 3))).schema.kind == "table"
    data = array_data(np.zeros((5, 8, 9), np.uint8), name="a\udc80", ids=("x\udc80",) * 5, notes=("said",))
    assert (data.schema.kind, data.name, data.ids[0], data.notes) == ("images", "a?", "x?", ("said",))


def test_values_that_are_missing_or_infinite_are_refused_where_they_cannot_be() -> None:
    images, rows = np.zeros((5, 8, 9)), np.zeros((5, 3))
    images[0, 0, 0] = rows[0, 0] = np.nan
    with pytest.raises(InputError, match="not finite"):
        array_data(images)
    assert array_data(rows).schema.kind == "table"
    rows[1, 1] = np.inf
    with pytest.raises(InputError, match="not finite"):
        array_data(rows)
    assert np.isinf(array_data(rows, unknown="far").array[1, 1])


def test_labels_are_one_for_each_example_and_graphs_have_edges() -> None:
    with pytest.raises(InputError, match="has 5 rows but 4 labels"):
        array_data(np.zeros((5, 3)), labels=np.zeros(4))
    with pytest.raises(InputError, match="Graphs have edges"):
        array_data(np.zeros((5, 3)), "graphs")
