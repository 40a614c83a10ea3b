"""Numbers as people write them."""

from __future__ import annotations

import pytest

from narrows.data.tables.notation import PLAIN, Notation, decimals_shown, number, parts


@pytest.mark.parametrize(
    ("texts", "decimal", "values"),
    [
        (["12.500", "3,5", "1.234.567,25"], ",", [12500, 3.5, 1234567.25]),
        (["$10,000.00", "-$5.10", "($7.00)", "8"], ".", [10000, -5.1, -7, 8]),
        (["82%", "0.5 %", "100 %"], ".", [82, 0.5, 100]),
        (["1 234,5", "12\u202f000", "7"], ",", [1234.5, 12000, 7]),
        (["1'234.50", "99.5"], ".", [1234.5, 99.5]),
        (["−3.5", "+2", "1e-3", ".5"], ".", [-3.5, 2, 0.001, 0.5]),
        (["170 cm", "181cm"], ".", [170, 181]),
        (["EUR 5,50", "EUR 1.000,00"], ",", [5.5, 1000]),
    ],
)
def test_a_column_has_one_notation(texts: list[str], decimal: str, values: list[float]) -> None:
    cells = [cell for text in texts if (cell := parts(text))]
    assert len(cells) == len(texts)
    notation = Notation.of(cells, decimal)
    assert [number(notation.read(text)) for text in texts] == pytest.approx(values)


@pytest.mark.parametrize(
    "text", ["red", "12a", "Q1", "12.05.2024", "1,23,4", "12:30", "(5", "1.2.3", "A-1", ""]
)
def test_other_text_is_no_number(text: str) -> None:
    assert parts(text) is None
    assert PLAIN.read(text) == text


def test_a_mark_before_three_digits_does_not_tell() -> None:
    cells = {
        text: decimals_shown([parts(text)]) for text in ("1.500", "1,500", "0,500", "1,5", "1.500,0", "15")
    }  # type: ignore[list-item]
    assert cells == {
        "1.500": set(),
        "1,500": set(),
        "0,500": {","},
        "1,5": {","},
        "1.500,0": {","},
        "15": set(),
    }


def test_two_currencies_are_no_notation() -> None:
    cells = [cell for text in ("$5", "€5", "$6") if (cell := parts(text))]
    assert Notation.of(cells, ".") == PLAIN
    assert PLAIN.read("€5") == "€5"


def test_a_number_without_the_unit_of_its_column_may_be_another() -> None:
    percent = [cell for text in ("50%", "60%", "0") if (cell := parts(text))]
    notation = Notation.of(percent, ".")
    assert [notation.read(text) for text in ("50%", "0", "0.5", "5 cm")] == [
        "50",
        "0",
        "0.5 without %",
        "5 cm",
    ]
    assert parts("0.5") is not None
    assert Notation.of([*percent, parts("0.5")], ".").suffix == ""  # type: ignore[list-item]


@pytest.mark.parametrize("text", ["-$1,250.50", "12.000,5 €", "82%", "1 234"])
def test_a_number_is_written_as_it_was_read(text: str) -> None:
    cell = parts(text)
    assert cell is not None
    notation = Notation.of([cell], "," if "," in text and "$" not in text else ".")
    value = number(notation.read(text))
    assert value is not None
    assert notation.write(value).replace(" ", "") == text.replace(" ", "")
