"""How a function becomes a verb: it returns a result, which is printed for a person or for a machine."""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar, get_type_hints

from narrows.cli.options import Json, Quiet, reading
from narrows.core.launch import launched

T = TypeVar("T")


class Result(NamedTuple):
    """What a verb has done: `record` is what `--json` prints, `text` is for a person."""

    record: Any
    text: str


Verb = Callable[..., Result]
Parameters = Mapping[str, inspect.Parameter]


def reads(verb: Verb) -> Verb:
    """Give `verb` the options of `reading`; it gets what they ask for as its argument `how`."""
    own, shared = parameters(verb), parameters(reading)

    def command(**given: Any) -> Result:
        how = reading(**{name: given.pop(name) for name in shared})
        return verb(how=how, **given)

    return signed(command, verb, {name: p for name, p in {**own, **shared}.items() if name != "how"})


def printed(verb: Verb) -> Callable[..., None]:
    """A command that prints the result of `verb`, with the options that all verbs have.

    Steps of it that take longer than a second are said on stderr.
    Of processes that were started together only the first prints.
    """
    own, shared = parameters(verb), parameters(output_options)

    def command(**given: Any) -> None:
        from narrows.training.progress import Progress

        first = launched().first
        given["quiet"] = given["quiet"] or not first
        with Progress(given["quiet"]):
            record, text = verb(**{name: given[name] for name in own})
        if first:
            print(json.dumps(record) if given["as_json"] else text)

    return signed(command, verb, {**own, **shared})


def output_options(as_json: Json = False, quiet: Quiet = False) -> None:
    """The options that all verbs have; those that need one have a parameter of the same name."""


def parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of `function` by name, taken by keyword, with what their annotations mean."""
    hints = get_type_hints(function, localns={"Reading": object}, include_extras=True)
    return {
        name: parameter.replace(kind=parameter.KEYWORD_ONLY, annotation=hints[name])
        for name, parameter in inspect.signature(function).parameters.items()
    }


def signed(command: Callable[..., T], verb: Verb, taken: Parameters) -> Callable[..., T]:
    """`command` with the name and docstring of `verb`, and a signature of the parameters `taken`."""
    functools.update_wrapper(command, verb)
    del command.__wrapped__  # type: ignore[attr-defined]
    command.__signature__ = inspect.Signature(list(taken.values()))  # type: ignore[attr-defined]
    command.__annotations__ = {name: parameter.annotation for name, parameter in taken.items()}
    return command


def tell(text: str, quiet: bool = False) -> None:
    """Print a line about the progress to stderr."""
    if not quiet:
        print(text, file=sys.stderr, flush=True)
