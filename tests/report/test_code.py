from __future__ import annotations

from narrows.data.datasets import load
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.runs.run import Run


def test_the_page_shows_pictures_along_dimensions_or_columns(digits_run: Run) -> None:
    assert "dimension 3, step 9" in render(digits_run)
    assert "related columns" in render(fit(load("iris"), overrides={"training": {"epochs": 2}}))
