from __future__ import annotations

import shlex

import pytest

from narrows.core.shell import listed_name, names_in, quoted

NAMES = (
    "mass",
    "body mass",
    "it's time",
    "GDP (PPP, current $)",
    'the "true", one',
    '"quoted" mass',
    "größe",
    "a;b",
    "--id",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_through_shell_and_list(name: str) -> None:
    assert shlex.split(quoted(name)) == [name]
    (word,) = shlex.split(quoted(f"{listed_name(name)},other"))
    assert names_in(word) == (name, "other")


def test_no_text_is_no_name() -> None:
    assert names_in("") == ()
