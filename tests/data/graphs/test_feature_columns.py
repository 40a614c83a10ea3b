from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.columns import Column
from narrows.data.graphs.feature_columns import FeatureColumns

COLUMNS = FeatureColumns((Column("age"), Column("hue", "str", ("blue", "red"))), (2.5, 0.0, 1.0))


def test_columns_come_back_from_json() -> None:
    assert FeatureColumns.from_json(json.loads(json.dumps(asdict(COLUMNS)))) == COLUMNS
    assert COLUMNS.names == ("age", "hue: blue", "hue: red")


def test_missing_features_count_as_the_usual_ones() -> None:
    found = COLUMNS.filled(np.array([[np.nan, np.nan, np.nan], [1.0, 1.0, 0.0]]))
    np.testing.assert_array_equal(found, [[2.5, 0.0, 1.0], [1.0, 1.0, 0.0]])


def test_columns_of_an_edited_run_are_refused() -> None:
    record = asdict(COLUMNS)
    for wrong in ({**record, "usual": [1.0]}, {**record, "usual": ["x", 0, 0]}, {"usual": []}):
        with pytest.raises(InputError):
            FeatureColumns.from_json(wrong)
