"""Fills the pages' templates: everything a person wrote appears as text, never as markup."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
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


@dataclass(frozen=True, slots=True)
class Frame:
    """A page that a notebook shows in a frame of its own, which reaches nothing around it.

    Attributes:
        html: the whole page.
    """

    html: str

    def _repr_html_(self) -> str:
        # In letters that are the same in every encoding, which the notebook's may be.
        page = escape(self.html).encode("ascii", "xmlcharrefreplace").decode()
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts allow-downloads" '
            f'title="Narrows" style="width: 100%; height: 880px; border: 0"></iframe>'
        )
