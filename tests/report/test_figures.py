from __future__ import annotations

import re

from tests.report.html import parsed


def test_drawings_have_ids_of_their_own(page: str) -> None:
    ids = [attrs["id"] for _, attrs in parsed(page).tags if "id" in attrs]
    clips = [name for name in ids if name and re.fullmatch(r"[pm][0-9a-f]{10}", name)]
    assert len(clips) == len(set(clips))
