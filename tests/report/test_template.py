from __future__ import annotations

import jinja2
import pytest

from narrows.report.template import HOME, environment, fill, section

EVIL = "<b>\"'&"
SAFE = "&lt;b&gt;&#34;&#39;&amp;"


def test_words_are_text_and_never_markup_in_pages_and_sections() -> None:
    assert SAFE in fill("absent.html", {"note": EVIL})
    made = section("pictured.html", "new_examples", noun=EVIL, look="", note="", samples=[EVIL], path=[])
    assert EVIL not in made
    assert made.count(SAFE) == 2


def test_what_a_template_lacks_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="note"):
        fill("absent.html", {})


@pytest.mark.parametrize("name", [file.name for file in HOME.iterdir() if file.name.endswith(".html")])
def test_every_template_can_be_read(name: str) -> None:
    environment().get_template(name)
