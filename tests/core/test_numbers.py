from __future__ import annotations

import re

import numpy as np
import pytest

from narrows.core.numbers import number


@pytest.mark.parametrize("digits", [2, 3, 4, 6])
def test_no_number_below_the_largest_loses_digits_before_its_point_or_gets_an_exponent(digits: int) -> None:
    sizes = 10 ** np.random.default_rng(0).uniform(0, 15, 500)
    for value in [*sizes.tolist(), 9999.5, 9999.4, 57000.0, 10.0**digits - 0.5, 99999.99]:
        text = number(-value, digits)
        assert "e" not in text
        assert float(text.replace(",", "")) == pytest.approx(-value, rel=0.51 * 10.0 ** (1 - min(digits, 4)))
        assert re.fullmatch(r"-(\d{1,4}(\.\d+)?|\d{1,3}(,\d{3})+)", text), text
    assert number(123456.7, digits) == "123,457"


def test_what_is_no_size_stays_as_it_is() -> None:
    assert [number(value) for value in (0, float("nan"), float("inf"), 3e20)] == ["0", "nan", "inf", "3e+20"]
