"""Tables of parts: build a part from a name and options, and refuse unknown names and wrong values.

A table is a plain dict from a name to a class. The keyword arguments of the class's constructor are
its options; specs, the command line and the docs read them from there.
"""

from __future__ import annotations

import difflib
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar

import numpy as np

from narrows.core.errors import InputError, few

T = TypeVar("T")


def lookup(kind: str, table: Mapping[str, T], name: object) -> T:
    """The entry called `name`.

    Raises:
        InputError: for an unknown name, with the nearest known one.

    >>> lookup("fruit", {"apple": 1}, "aple")
    Traceback (most recent call last):
    narrows.core.errors.InputError: No fruit is called 'aple'. Did you mean 'apple'? Known: apple.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    raise InputError(f"No {kind} is called {name!r}.{nearest(str(name), table)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known name, then all of them, or `LISTED`."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"{hint} Known: {few(names, LISTED) or 'none'}."


LISTED = 40
"""Known names in a message, at the most."""


def options(part: Callable[..., Any]) -> dict[str, Any]:
    """The options of a part, its constructor's keyword arguments, with their defaults.

    >>> def part(domain, *, std=0.3, clamp=True): ...
    >>> options(part)
    {'std': 0.3, 'clamp': True}
    """
    parameters = inspect.signature(part).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def make(kind: str, table: Mapping[str, Callable[..., T]], part: Mapping[str, Any], *given: Any) -> T:
    """Build a part from its name and options.

    Args:
        kind: what the table holds, for error messages.
        table: the classes by name.
        part: `{"name": …, option: value, …}`.
        given: the positional arguments, the same for all parts of this table.

    Raises:
        InputError: for an unknown name or option, or a value that does not fit the option.
    """
    if not isinstance(part, Mapping):
        raise InputError(f"A {kind} is a name with options, but got {part!r}.")
    chosen = lookup(kind, table, part.get("name"))
    values = {key: value for key, value in part.items() if key != "name"}
    return chosen(*given, **check_options(f"{kind} {part['name']!r}", chosen, values))


def check_options(owner: str, part: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` in the types that the constructor of `part` asks for: lists as tuples, integers as floats."""
    known = options(part)
    for name in values:
        if name not in known:
            raise InputError(f"The {owner} has no option {name!r}.{nearest(name, known)}")
    constructor = part.__init__ if inspect.isclass(part) else part
    hints = typing.get_type_hints(constructor)
    return {name: converted(owner, name, value, hints[name]) for name, value in values.items()}


def converted(owner: str, name: str, value: Any, hint: Any) -> Any:
    """`value` as the type `hint`.

    Raises:
        InputError: when it cannot be such a value, with what was wanted.
    """
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return value if value is None else converted(owner, name, value, inner[0])
    if origin is Literal and value in inner:
        return value
    if origin is tuple and isinstance(value, (list, tuple)):
        return tuple(converted(owner, name, item, inner[0]) for item in value)
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if hint is float and number and abs(value) <= LARGEST_OPTION:
        return float(value)
    if hint is int and number and not isinstance(value, (float, np.inexact)):
        return int(value)
    if hint in (str, bool) and type(value) is hint:
        return value
    wanted = f"one of {', '.join(map(repr, inner))}" if origin is Literal else WANTED.get(hint, str(hint))
    raise InputError(f"The option {name!r} of the {owner} is {value!r}, but must be {wanted}.")


LARGEST_OPTION = 1e30
"""The largest absolute value of an option; float32 holds values up to 3.4e38."""

WANTED: dict[Any, str] = {
    float: "a finite number",
    int: "a whole number",
    str: "a word",
    bool: "true or false",
    tuple[int, ...]: "a list of whole numbers, as [64,32]",
}


def within(name: str, value: float, low: float, high: float = float("inf")) -> float:
    """`value`, when it lies in `[low, high]`.

    Raises:
        InputError: when it does not.
    """
    if low <= value <= high:
        return value
    bound = f"at least {low:g}" if high == float("inf") else f"between {low:g} and {high:g}"
    raise InputError(f"The option {name!r} is {value:g}, but must be {bound}.")
