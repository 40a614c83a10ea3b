"""Which texts stand for a missing cell."""

from __future__ import annotations

from typing import Any

import pytest

from narrows.data.tables.cells import Form, Meaning, as_read, meaning
from narrows.data.tables.missing import is_missing

TEN = [str(i) for i in range(10)]


def meant(columns: dict[str, list[str]], *how: Any, **more: Any) -> Meaning:
    """What the cells of columns of texts say."""
    return meaning(as_read(columns), *how, **more)


def said(**columns: list[str]) -> dict[str, list[str | None]]:
    return {name: list(cells.values) for name, cells in meant(columns).columns.items()}


def test_signs_are_missing_among_numbers_and_beside_words() -> None:
    assert said(a=[*TEN, "?", "-"])["a"][-2:] == [None, None]
    assert said(a=["Private", "State", "?"])["a"] == ["Private", "State", None]
    assert said(a=["+", "-", "+"])["a"] == ["+", "-", "+"]
    assert said(a=["a", "+", "-"])["a"] == ["a", "+", "-"]


def test_na_is_a_word_unless_it_stands_for_missing_among_numbers() -> None:
    region = ["EU", "NA", "AS", "NA"]
    found = meant({"region": region, "x": ["1", "", "3", "4"]})
    assert list(found.columns["region"].values) == region
    assert "'NA' in region (2 cells)" in found.notes[-1]
    found = meant({"region": region, "x": ["1", "NA", "3", "4"]})
    assert list(found.columns["region"].values) == ["EU", None, "AS", None]
    assert found.form.missing == ("NA",)
    assert said(element=["Na", "K", "Na"], x=["1", "NA", "2"])["element"] == ["Na", "K", "Na"]
    found = meant({"region": region}, Form(missing=("NA",)))
    assert list(found.columns["region"].values) == ["EU", None, "AS", None]


def test_na_is_missing_among_dates_and_codes() -> None:
    found = said(day=["2024-05-01", "NA", "2024-05-03"], plz=["01067", "NA", "-"], kind=["NA", "b", "NA"])
    assert found["day"] == ["2024-05-01", None, "2024-05-03"]
    assert found["plz"] == ["01067", None, None]
    assert found["kind"] == [None, "b", None]


def test_what_the_user_names_is_missing_as_text_or_as_a_number() -> None:
    found = meant({"a": ["-999", "-999.0", "5"], "b": ["x", "none", "y"]}, Form(missing=("-999", "x")))
    assert list(found.columns["a"].values) == [None, None, "5"]
    assert list(found.columns["b"].values) == [None, "none", "y"]


@pytest.mark.parametrize(("text", "missing"), [("", True), (" NA", True), ("None", True), ("x", False)])
def test_the_texts_of_a_missing_label(text: str, missing: bool) -> None:
    assert is_missing(text) == missing
