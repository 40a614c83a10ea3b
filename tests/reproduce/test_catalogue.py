from __future__ import annotations

import pytest

from narrows.core.errors import InputError
from narrows.reproduce.catalogue import ENTRIES, choose


def test_entries_are_in_the_order_of_the_lectures_in_any_case_of_letters() -> None:
    assert [entry.id for entry in choose(["k1", "P1", "Y1"])] == ["P1", "Y1", "K1"]
    assert choose([]) == list(ENTRIES)


def test_an_unknown_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="have no entry 'P9'"):
        choose(["P1", "P9"])
