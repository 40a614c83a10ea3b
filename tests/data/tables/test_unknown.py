"""Words that a model was not fitted to: what they count as, and the sentence about them."""

from __future__ import annotations

import numpy as np

from narrows.data.tables.unknown import Recognised, Unknown


def test_an_unknown_cell_is_missing_or_infinite() -> None:
    found = Recognised(np.array([[1.0, np.nan], [np.nan, np.nan]]), {1: Unknown("b", [1], ["x"])})
    np.testing.assert_array_equal(found.used_as("missing"), found.values)
    np.testing.assert_array_equal(found.used_as("far"), [[1.0, np.nan], [np.nan, np.inf]])


def test_the_sentence_names_columns_and_their_most_frequent_words() -> None:
    words = ["x", "y", "z", "w", "w"]
    found = Recognised(np.zeros((5, 1)), {0: Unknown("a", range(5), words)})
    told = "f holds words that the model was not fitted to, which count as missing: "
    assert found.warnings("f", "missing") == (told + "'a' in 5 cells ('w', 'x', 'y' and 1 more).",)
    assert Recognised(np.zeros((5, 1)), {}).warnings("f", "missing") == ()
