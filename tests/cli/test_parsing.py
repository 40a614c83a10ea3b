from __future__ import annotations

import pytest

from narrows.cli.parsing import (
    WrongValue,
    parse_changes,
    parse_dims,
    parse_names,
    parse_numbers,
    parse_real,
    parse_share,
    parse_size,
)
from narrows.core.errors import InputError


def test_text_becomes_what_it_says() -> None:
    assert parse_names("a, b ,c") == ("a", "b", "c")
    assert parse_names("") == ()
    assert parse_numbers("2, 4,8", "--latent-dims") == [2, 4, 8]
    assert parse_size("32x48") == (32, 48)
    assert parse_dims("0,3") == (0, 3)


def test_changes_are_json_or_words_and_the_last_one_counts() -> None:
    found = parse_changes(["a.b=4", "a.c=[1,2]", "a.d=null", "a.e=mask", "d.b=x=y", "a.b=5"])
    assert found == {"a": {"b": 5, "c": [1, 2], "d": None, "e": "mask"}, "d": {"b": "x=y"}}
    assert parse_changes(["a.b=" + "[" * 5000])["a"]["b"].startswith("[[")


@pytest.mark.parametrize("text", ["", "32", "32x", "x32", "0x9", "-3x4", "3.5x4", "99999x99999"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="HEIGHTxWIDTH"):
        parse_size(text)


@pytest.mark.parametrize("text", ["", "0", "2,", "2;4", "2.5", "-1"])
def test_what_are_no_numbers_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--labels takes whole numbers"):
        parse_numbers(text, "--labels")


@pytest.mark.parametrize("text", ["", "0", "0,1,2", "a,b", "-1,0"])
def test_what_are_no_two_dimensions_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="two latent dimensions"):
        parse_dims(text)


@pytest.mark.parametrize("change", ["a=1", "a.b", "=1", ".b=1", "a.=1"])
def test_what_is_no_change_is_refused(change: str) -> None:
    with pytest.raises(InputError, match=r"PART\.OPTION=VALUE"):
        parse_changes([change])


@pytest.mark.parametrize(
    ("text", "share"), [("0.01", 0.01), ("1%", 0.01), ("1,5 %", 0.015), ("0,5", 0.5), ("100%", 1)]
)
def test_a_share_may_be_in_percent(text: str, share: float) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize("text", ["5", "101%", "-1%", "few", "%", "1%1", "", "nan"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(WrongValue, match=r"a share from 0 to 1, as 0\.01 or 1%, but got"):
        parse_share(text)


def test_a_real_number_is_read_or_refused_in_words() -> None:
    assert parse_real("0,5") == parse_real("0.5") == 0.5
    for text in ("nan", "inf", "-1", "high"):
        with pytest.raises(WrongValue, match="number"):
            parse_real(text)
