"""Builds the documentation; the tables of recipes and parts are written from the code's own."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from narrows import __version__
from narrows.model.build import list_parts, tables
from narrows.model.recipes import RECIPES

project = "Narrows"
author = "The Narrows developers"
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
exclude_patterns = ["_build"]
autodoc_typehints = "none"
add_module_names = False


def recipe_rows() -> str:
    """A section for each recipe."""
    text = []
    for name, entry in RECIPES.items():
        text += [f"## `{name}`\n", recipe_text(entry)]
        if "large_images" in entry:
            text += ["Of images of more than 1024 values, and of patches:\n", recipe_text(entry["large_images"])]
    return "\n".join(text)


def recipe_text(entry: dict[str, Any]) -> str:
    return f"{entry['summary'].capitalize()}.\n\n`{entry['formula']}`\n\n{entry['source']}.\n"


def part_rows() -> str:
    """A section for each table of parts, with what the classes say of themselves."""
    text = []
    for kind, found in list_parts().items():
        text.append(f"## {kind.capitalize()}\n")
        for name, chosen in found.items():
            said = inspect.cleandoc(tables()[kind][name].__doc__ or "").split("\n\nArgs:")[0]
            defaults = ", ".join(f"`{key}={value!r}`" for key, value in chosen.items()) or "no options"
            text.append(f"### `{name}`\n\n{said}\n\nOptions: {defaults}.\n")
    return "\n".join(text)


generated = Path(__file__).parent / "generated"
generated.mkdir(exist_ok=True)
(generated / "recipes.md").write_text(f"# Recipes\n\n{recipe_rows()}", "utf-8")
(generated / "parts.md").write_text(f"# Parts\n\n{part_rows()}", "utf-8")
