"""The verb that lists recipes and their parts: recipes."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from narrows.cli.commands import Result
from narrows.model.lecture_recipes import CLASSIFIERS, LECTURES
from narrows.model.recipes import FRAMES, RECIPES, SEQUENTIAL

MADE_OF = ("spec", "weights", "training", "large_images")
"""What of a recipe's entry is shown as JSON."""

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="a recipe; all if none is given")]
Parts = Annotated[
    bool, typer.Option("--parts", help="list the parts that recipes are made of, with their options")
]


def recipes(name: Name = None, parts: Parts = False) -> Result:
    """List the recipes, or show what NAME is made of."""
    if parts:
        return list_all_parts()
    return list_recipes() if name is None else show_recipe(name)


def list_all_parts() -> Result:
    """Every part by choice and name, with its options and their defaults."""
    from narrows.model.build import list_parts

    listed = list_parts()
    rows = ((kind, part, chosen) for kind, found in listed.items() for part, chosen in found.items())
    return Result(listed, "\n".join(f"{kind:<12} {part:<12} {chosen}" for kind, part, chosen in rows))


def list_recipes() -> Result:
    """Every recipe on one line."""
    shown = {**RECIPES, **CLASSIFIERS}
    lines = (
        f"{name:<14} {entry['summary']} [{in_short(entry)}] ({entry['source']})"
        for name, entry in shown.items()
    )
    return Result(shown, "\n".join(lines))


def show_recipe(name: str) -> Result:
    """One recipe in full, with a command that fits it."""
    from narrows.model.recipe_names import recipe_name

    if name.lower() in CLASSIFIERS:
        name, entry = name.lower(), CLASSIFIERS[name.lower()]
    else:
        name = recipe_name(name)
        entry = RECIPES[name]
    made_of = json.dumps({key: entry[key] for key in MADE_OF if key in entry}, indent=1, ensure_ascii=False)
    others = {**dict.fromkeys(SEQUENTIAL, "x.npy --kind sequences"), **dict.fromkeys(FRAMES, "frames.npy")}
    data = "mnist" if name in LECTURES else others.get(name, "digits")
    fit = f"narrows fit {data} --recipe {name}"
    commands = [entry["command"], entry["python"]] if name in CLASSIFIERS else [fit]
    lines = [f"{name}: {entry['summary']}", entry["formula"], entry["source"], made_of, *commands]
    return Result(entry, "\n".join(lines))


def in_short(entry: dict[str, Any]) -> str:
    """The parts of a recipe by name, without those that are chosen from the data; of a classifier its model.

    >>> in_short({"spec": {"encoder": {"name": "mlp"}, "penalties": [{"name": "l1"}]}})
    'encoder mlp, penalty l1'
    """
    if "spec" not in entry:
        return f"classifier {entry['model']}"
    spec = entry["spec"]
    parts = [
        f"{part} {spec[part]['name']}"
        for part in ("corruption", "encoder", "bottleneck", "loss")
        if part in spec and spec[part]["name"] != "none"
    ]
    return ", ".join([*parts, *(f"penalty {penalty['name']}" for penalty in spec.get("penalties", ()))])
