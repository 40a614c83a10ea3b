"""Fill the templates of the pages: a person's words appear as text, never as markup."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

from narrows.core.numbers import number, times

HOME = files("narrows.report").joinpath("templates")


def fill(template: str, contents: dict[str, Any]) -> str:
    """The page of that template with its contents and the style of the pages.

    Everything is escaped except what the template passes through the filter `svg`: drawings and sections.
    """
    style = HOME.joinpath("page.css").read_text("utf-8")
    return environment().get_template(template).render(style=style, **contents)


def section(template: str, macro: str, **contents: Any) -> str:
    """A part of a page: what the macro of that name in `template` makes of its contents, escaped likewise."""
    return str(getattr(environment().get_template(template).module, macro)(**contents))


@cache
def environment() -> jinja2.Environment:
    """How templates are found and filled."""
    found = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: HOME.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["svg"] = jinja2.filters.do_mark_safe
    found.filters["number"] = number
    found.filters["times"] = times
    return found
