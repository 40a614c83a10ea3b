from __future__ import annotations

import pytest

from narrows.reproduce.tables import number, percent, table, vector


def test_the_first_cell_of_each_row_is_its_heading() -> None:
    figure = table(["name", "a", "b"], [["x", "1", "<em>2</em>"], ["y", "3", "4"]], "Caption.")
    assert figure.html.count('<th scope="col">') == 3
    assert '<tr><th scope="row">x</th><td>1</td><td><em>2</em></td></tr>' in figure.html
    assert '<tr><th scope="row">y</th><td>3</td><td>4</td></tr>' in figure.html
    assert figure.caption == "Caption."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.12345, "−0.123"),
        (-0.0, "0"),
        (999.7, "1,000"),
        (-12345.678, "−12,346"),
        (1405.0, "1,405"),
        (2.718e9, "2.72·10⁹"),
        (-1e-5, "−10⁻⁵"),
        (1e-310, "10⁻³¹⁰"),
        (1e20, "10²⁰"),
        (float("inf"), "∞"),
        (float("nan"), "NaN"),
    ],
)
def test_numbers_have_so_many_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_signs_stay_on_the_line() -> None:
    assert percent(0.8329) == "83.3\N{NO-BREAK SPACE}%"
    assert percent(1) == "100.0\N{NO-BREAK SPACE}%"
    assert vector([0.25, -1, 1e-9], 2) == "0.25, −1, 10⁻⁹"


def test_thousands_are_separated_before_the_point_only() -> None:
    assert number(-3706.23, 5) == "−3,706.2"
    assert number(1234.0, 6) == "1,234"
