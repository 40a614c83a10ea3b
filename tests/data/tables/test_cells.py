"""What cells say: numbers, words, or nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.tables.cells import Form, Meaning, as_read, meaning, stand_in
from narrows.data.tables.notation import Notation
from tests.samples import of_frame


def meant(columns: dict[str, list[str]], *how: Any, **more: Any) -> Meaning:
    """What the cells of columns of texts say."""
    return meaning(as_read(columns), *how, **more)


def said(**columns: list[str]) -> dict[str, list[str | None]]:
    return {name: list(cells.values) for name, cells in meant(columns).columns.items()}


def test_a_point_before_three_digits_is_what_it_is_elsewhere_in_the_file() -> None:
    assert said(a=["12.500", "3.250"], b=["3,5", "4,25"])["a"] == ["12500", "3250"]
    assert said(a=["12.500", "3.250"], b=["3.5", "4.25"])["a"] == ["12.500", "3.250"]
    assert said(a=["12,500", "3,250"])["a"] == ["12500", "3250"]
    ambiguous = meant({"a": ["12,500", "3,250"]}, decimal=",").columns["a"].values
    assert list(ambiguous) == ["12.500", "3.250"]


def test_numbers_with_leading_zeros_are_words() -> None:
    found = meant({"plz": ["01067", "10115"], "x": ["0.5", "0"]})
    assert found.columns["plz"].words
    assert not found.columns["x"].words
    assert list(found.columns["plz"].values) == ["01067", "10115"]
    assert "start with 0: plz." in found.notes[0]


def test_one_number_with_leading_zeros_makes_no_words() -> None:
    rng = np.random.default_rng(0)
    plain = [str(x) for x in rng.integers(1, 2000, 200)]
    found = meant(
        {"x": [*plain, "007"], "f": ["1.5", "007", "2.25", "3.5"], "m": ["100", "007", *["200"] * 150]}
    )
    assert not any(cells.words for cells in found.columns.values())
    assert found.columns["x"].values[-1] == "007"
    assert found.notes == ("Numbers, though a few start with 0: x, f, m.",)


@pytest.mark.parametrize(
    "codes",
    [
        ["001", "012", "999", "1000"],
        ["030", "0341", "089", "40"],
        ["01067", "1069", *["10115"] * 20, "01099"],
    ],
)
def test_numbers_filled_up_with_zeros_are_codes(codes: list[str]) -> None:
    assert meant({"a": codes}).columns["a"].words


def test_cells_that_have_not_changed_are_written_as_they_came() -> None:
    cells = meant({"a": ["1.250,50 €", "-", "7"]}).columns["a"]
    came = np.array([1250.5, np.nan, 7])
    found = np.array([1250.5, 2000.25, 8])
    assert cells.as_came(found, came, found).tolist() == ["1.250,50 €", "2.000,25€", "8,00€"]
    words = meant({"a": ["01067", "NA", "x1"]}).columns["a"]
    codes, written = np.array([0.0, 1, 1]), np.array(["01067", "x1", "x1"], dtype=object)
    assert words.as_came(codes, np.array([0, np.nan, 1]), written).tolist() == ["01067", "x1", "x1"]


def test_a_model_knows_its_words_and_notations() -> None:
    form = Form(True, (), {"price": Notation(",", ".", "", "€", 2)})
    found = meant({"price": ["12.500"], "region": ["NA"]}, form, {"price": (), "region": ("EU", "NA")})
    assert [list(cells.values) for cells in found.columns.values()] == [["12500"], ["NA"]]
    without = meant({"region": ["NA"]}, form, {"region": ("EU", "AS")})
    assert list(without.columns["region"].values) == [None]


def test_the_form_comes_back_from_json() -> None:
    form = meant({"a": ["3,5 €", "NA"]}).form
    assert Form.from_json(form.to_json()) == form
    with pytest.raises(InputError, match="does not describe"):
        Form.from_json({"header": True})


def test_in_a_data_frame_only_none_and_nan_are_missing() -> None:
    frame = pandas.DataFrame(
        {"region": ["NA", "EU", None, "None", "?"] * 4, "x": [1.0, np.nan, 2, 3, -999] * 4}
    )
    found = of_frame(frame)
    assert found.schema.columns[0].levels == ("?", "EU", "NA", "None")
    assert np.isnan(found.array).sum(axis=0).tolist() == [4, 4]
    codes = pandas.DataFrame({"plz": ["01067", "10115"] * 5, "x": range(10)})
    assert of_frame(codes).schema.columns[0].levels == ("01067", "10115")


def test_a_number_far_from_all_others_may_stand_for_missing() -> None:
    x = np.random.default_rng(0).standard_normal(50)
    assert stand_in(x) is None
    x[::10] = -999
    assert stand_in(x) == (-999, 5)
    assert stand_in(np.array([997.0, 998, 999, 999, 996, 995])) is None
