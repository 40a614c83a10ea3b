from __future__ import annotations

from narrows.data.kind_names import KIND_NAMES
from narrows.data.kinds import KINDS


def test_every_kind_has_a_name_and_a_description_for_help_and_docs() -> None:
    assert list(KIND_NAMES) == list(KINDS)
    assert all(KIND_NAMES.values())
