"""The tables of the docs, written from those of the package: verbs, recipes, parts, formats and kinds."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

import typer

from narrows.cli.verbs import VERBS, app
from narrows.data.formats import FORMATS, FORMS, Format
from narrows.data.kinds import KINDS
from narrows.model.build import list_parts, tables
from narrows.model.recipes import RECIPES

COMMON = """`narrows VERB`, or `python -m narrows VERB`. Results go to stdout, progress and warnings to
stderr. With `--json` the result is one machine-readable object, and so is an error:
`{"error": "what went wrong"}`. The exit code is 0 when done, 1 when something failed, 2 for wrong use.
`narrows --version` prints the version."""


def pages() -> dict[str, str]:
    """Markdown by file name; a name that begins with `_` is a piece that pages include."""
    return {
        "verbs.md": f"# Verbs\n\n{COMMON}\n\n{verbs()}",
        "recipes.md": f"# Recipes\n\n{recipes()}",
        "parts.md": f"# Parts\n\n{parts()}",
        "_formats.md": formats(),
        "_kinds.md": table(
            ("`--kind`", "what it is"), ((f"`{k}`", v.description()) for k, v in KINDS.items())
        ),
    }


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return (
        "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines) + "\n"
    )


def verbs() -> str:
    """A section for each group of verbs."""
    program: Any = typer.main.get_command(app)
    text = []
    for group, members in VERBS.items():
        text.append(f"## {group}\n")
        text += [verb(program.commands[member.__name__]) for member in members]
    return "\n".join(text)


def verb(command: Any) -> str:
    """What a verb is for, and everything that it takes."""
    context = typer.Context(command)
    records = (option.get_help_record(context) for option in command.params)
    taken = table(("argument or option", "meaning"), ((f"`{name}`", text) for name, text in records))
    return f"### `{command.name}`\n\n{inspect.cleandoc(command.help)}\n\n{taken}"


def recipes() -> str:
    """A section for each recipe."""
    text = []
    for name, entry in RECIPES.items():
        text += [f"## `{name}`\n", recipe(entry)]
        if "large_images" in entry:
            text += ["For images of more than 1024 values, and for patches:\n", recipe(entry["large_images"])]
    return "\n".join(text)


def recipe(entry: Mapping[str, Any]) -> str:
    summary = entry["summary"][0].upper() + entry["summary"][1:]
    return f"{summary}.\n\n`{entry['formula']}`\n\n{entry['source']}.\n"


def parts() -> str:
    """A section for each table of parts, with what the classes say of themselves."""
    text = []
    for kind, found in list_parts().items():
        text.append(f"## {kind.capitalize()}\n")
        text += [part(name, tables()[kind][name], defaults) for name, defaults in found.items()]
    return "\n".join(text)


def part(name: str, chosen: type, defaults: Mapping[str, Any]) -> str:
    """What a part does, and its options."""
    said = inspect.cleandoc(chosen.__doc__ or "").split("\n\nArgs:")[0]
    meaning = described(chosen)
    rows = [(f"`{option}={value!r}`", meaning[option]) for option, value in defaults.items()]
    return f"### `{name}`\n\n{said}\n\n{table(('option', 'meaning'), rows) if rows else 'No options.'}\n"


def described(part: type) -> dict[str, str]:
    """What the docstrings of a class and of those that it extends say of its arguments."""
    found: dict[str, str] = {}
    for base in reversed(inspect.getmro(part)):
        section = re.search(r"^Args:\n((?: .*\n?|\n)+)", inspect.cleandoc(base.__doc__ or ""), re.MULTILINE)
        entries = re.split(r"^    (\w+): ", section[1], flags=re.MULTILINE)[1:] if section else []
        found |= {
            name: " ".join(text.split()) for name, text in zip(entries[::2], entries[1::2], strict=True)
        }
    return found


def formats() -> str:
    """The table of file formats, and what the words in it mean."""
    head = ("ending", "what it is", "holds", "read", "written", "extra")
    forms = table(("holds", "which is"), FORMS.items())
    return f"{table(head, map(format_row, FORMATS.values()))}\n{forms}"


def format_row(known: Format) -> Iterable[str]:
    endings = ", ".join(f"`{ending}`" if ending else "none" for ending in known.endings)
    extra = f"`{known.extra}`" if known.extra else ""
    return endings, known.title, ", ".join(known.holds), *("yes" if so else "no" for so in known[3:5]), extra
