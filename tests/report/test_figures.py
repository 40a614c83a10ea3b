from __future__ import annotations

import re

from narrows.core.numbers import number
from narrows.data.datasets import load
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.report.figures import curves
from tests.report.html import parsed


def test_one_epoch_is_told_in_numbers_and_not_drawn_as_a_dot() -> None:
    run = fit(load("iris"), overrides={"training": {"epochs": 1}})
    assert curves(run) == ""
    text = " ".join(" ".join(parsed(render(run)).text).split())
    total = run.history[0]["validation"]["total"]
    assert f"and {number(total)} on validation rows. 1 epoch of at most 1" in text


def test_drawings_have_ids_of_their_own(page: str) -> None:
    ids = [attrs["id"] for _, attrs in parsed(page).tags if "id" in attrs]
    clips = [name for name in ids if name and re.fullmatch(r"[pm][0-9a-f]{10}", name)]
    assert len(clips) == len(set(clips))
