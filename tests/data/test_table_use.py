"""What the columns of a table are used for."""

from __future__ import annotations

import pytest

from narrows.core.errors import InputError
from narrows.data.columns import Column
from narrows.data.table_use import refuse_words, without


def test_dropped_columns_are_no_values() -> None:
    assert without(("a", "b", "c"), ("b",), None) == ("a", "c")
    assert without(("a",), ("a", "unknown"), None) == ()


def test_words_are_refused_where_only_numbers_are_wanted() -> None:
    refuse_words([Column("a"), "b"], "images")
    with pytest.raises(InputError, match=r"column 'c' holds words, but images are numbers"):
        refuse_words([Column("a"), Column("c", "str", ("x", "y"))], "images")
