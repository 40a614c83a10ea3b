from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest

from narrows.core.errors import InputError
from narrows.model.lecture_recipes import LECTURES
from narrows.model.recipes import RECIPES
from narrows.report.mathml import mathml


def parsed(formula: str) -> Element:
    return fromstring(mathml(formula))


def text_of(element: Element) -> str:
    return "".join(element.itertext())


def test_a_fraction_has_a_numerator_and_a_denominator_with_their_indices() -> None:
    (fraction,) = parsed("V_{sphere}//V_{cube} = 1").iter("mfrac")
    assert [(part.tag, text_of(part).replace("\xa0", "")) for part in fraction] == [
        ("msub", "Vsphere"),
        ("msub", "Vcube"),
    ]


def test_upper_and_lower_indices_go_to_the_letter_before_them() -> None:
    assert [text_of(part) for part in parsed("σ²").find(".//msup") or ()] == ["σ", "2"]
    assert [text_of(part) for part in parsed("W₁x").find(".//msub") or ()] == ["W", "1"]
    assert [text_of(part) for part in parsed("x_i^2").find(".//msubsup") or ()] == ["x", "i", "2"]
    assert [text_of(part) for part in parsed("2^{d-1}").find(".//msup") or ()] == ["2", "d−1"]


def test_a_sum_has_its_index_below_and_a_matrix_beside() -> None:
    below, beside = parsed("Σ_y q(y)"), parsed("N(m_y, Σ_y)")
    assert [text_of(part) for part in below.find(".//munder") or ()] == ["∑", "y"]
    assert beside.find(".//munder") is None
    assert "Σ" in text_of(beside)


def test_words_are_text_and_names_of_functions_are_not() -> None:
    element = parsed("log softmax(x), x the image")
    assert [text_of(word).strip("\xa0") for word in element.iter("mtext")] == ["the", "image"]
    assert {"log", "softmax"} <= {text_of(name) for name in element.iter("mi")}


def test_a_hat_stands_above_its_letter() -> None:
    assert [text_of(part) for part in parsed("x - x\u0302").find(".//mover") or ()] == ["x", "^"]


def test_what_is_less_than_is_escaped() -> None:
    assert text_of(parsed("a < b & c")) == "a<b&c"


@pytest.mark.parametrize("name", [*RECIPES, *LECTURES])
def test_every_formula_of_a_recipe_can_be_typeset(name: str) -> None:
    formula = (RECIPES | LECTURES)[name]["formula"]
    assert text_of(parsed(formula)).count("x") == formula.count("x")


@pytest.mark.parametrize("formula", ["{a", "x^", "//b", "x_ y"])
def test_a_formula_that_ends_early_is_refused(formula: str) -> None:
    with pytest.raises(InputError):
        mathml(formula)
