from __future__ import annotations

from narrows.reproduce.uses import ENTRIES


def test_uses_are_reached_or_not() -> None:
    assert {entry.id[0] for entry in ENTRIES} == {"U"}
    assert {entry.words[True] for entry in ENTRIES} == {"reached"}
