"""Fills the pages' templates: everything a person wrote appears as text, never as markup."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import jinja2

HOME = files("narrows.report")


def fill(template: str, contents: dict[str, Any]) -> str:
    """The template of that name with its contents and the pages' style.

    Everything is escaped but what the template passes through the filter `svg`: our own drawings.
    """
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: HOME.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["svg"] = jinja2.filters.do_mark_safe
    return environment.get_template(template).render(
        style=HOME.joinpath("page.css").read_text("utf-8"), **contents
    )
