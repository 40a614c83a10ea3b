"""The names that recipes are called by."""

from __future__ import annotations

from narrows.core.errors import InputError
from narrows.core.registry import lookup
from narrows.model.lecture_recipes import CLASSIFIERS
from narrows.model.recipes import RECIPES


def recipe_name(name: str) -> str:
    """The name of a recipe as `RECIPES` has it; upper and lower case are the same.

    Raises:
        InputError: for a name that no recipe has, or that is one of a classifier.

    >>> recipe_name("P3")
    'p3'
    """
    lower = name.lower() if isinstance(name, str) else name
    if lower in CLASSIFIERS:
        entry = CLASSIFIERS[lower]
        raise InputError(
            f"{lower} is {entry['model']}, a classifier, which learns from labels and reconstructs nothing; "
            f"run `{entry['command']}`, or in Python `{entry['python']}`."
        )
    lookup("recipe", RECIPES, lower)
    return lower
