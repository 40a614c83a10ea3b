"""What the verbs share: arguments and options, reading data and runs, printing the result."""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from narrows.core.errors import InputError
from narrows.data.formats import FORMS, listed, readable, writable
from narrows.data.kind_names import KIND_NAMES

if TYPE_CHECKING:
    from narrows.data.readers import Reading
    from narrows.data.schema import Data
    from narrows.runs.run import Run

DataArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help=f"a dataset's name or a path: {listed(readable(*FORMS))} of images, or a pattern as '*.png'",
    ),
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="a run folder that fit has written")]


def output(*forms: str) -> Any:
    """The option that says where a result goes which can be written in `forms`."""
    endings = listed(writable(*forms))
    return typer.Option("--out", "-o", help=f"where the result goes, as its ending says: {endings}")


Output = Annotated[Path, output(*FORMS)]
Json = Annotated[bool, typer.Option("--json", help="print one machine-readable object")]
Quiet = Annotated[bool, typer.Option("--quiet", help="no progress, only the result")]
Columns = Annotated[str | None, typer.Option(help="of a table, the columns to use: a,b,c")]
Label = Annotated[
    str | None, typer.Option(help="of a table, the column that colours pictures; never learned")
]
Id = Annotated[str | None, typer.Option("--id", help="of a table, the column that names the rows")]
Groups = Annotated[
    str | None,
    typer.Option(help="rows that belong together: a column, or a regular expression in image names"),
]
KindOption = Annotated[
    str | None,
    typer.Option("--kind", help=f"where the file does not tell, one of: {', '.join(KIND_NAMES)}"),
]
Resize = Annotated[str | None, typer.Option(metavar="HxW", help="bring image files to this height and width")]
Patch = Annotated[
    int | None, typer.Option(metavar="SIDE", help="cut large images into squares of this many pixels")
]
Test = Annotated[str | None, typer.Option(metavar="DATA", help="a held-out part of your own to judge on")]
Epochs = Annotated[int | None, typer.Option(help="passes over the data; chosen from their size if not given")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, mps …")]
Seed = Annotated[int, typer.Option(help="the same seed gives the same result")]


def reading(
    kind: KindOption = None,
    resize: Resize = None,
    columns: Columns = None,
    label: Label = None,
    id_column: Id = None,
    groups: Groups = None,
    patch: Patch = None,
    test: Test = None,
) -> Reading:
    """What the options that all verbs which read data have in common ask for."""
    from narrows.data.readers import Reading

    chosen = tuple(name.strip() for name in columns.split(",")) if columns else ()
    if patch is not None and (patch < 1 or resize):
        raise InputError("--patch takes a number of pixels, and no --resize beside it.")
    return Reading(kind, parse_size(resize), chosen, label, id_column, groups, patch, test)


def reads(verb: Callable[..., None]) -> Callable[..., None]:
    """Give `verb` the options of `reading`; it gets what they ask for as its argument `how`."""
    own, shared = typed_parameters(verb), typed_parameters(reading)

    @functools.wraps(verb)
    def command(**given: Any) -> None:
        how = reading(**{name: given.pop(name) for name in shared})
        verb(how=how, **given)

    parameters = [p for p in (*own.values(), *shared.values()) if p.name != "how"]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    del command.__wrapped__
    return command


def typed_parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of `function` by name, taken by keyword, with what their annotations mean."""
    hints = get_type_hints(function, localns={"Reading": object}, include_extras=True)
    return {
        name: parameter.replace(kind=parameter.KEYWORD_ONLY, annotation=hints[name])
        for name, parameter in inspect.signature(function).parameters.items()
    }


def load_both(run: Path, data: str) -> tuple[Run, Data]:
    """The run, and the data read as the kind that it was fitted to."""
    from narrows.data.readers import read

    loaded = opened(run)
    return loaded, read(data, reading_again(loaded))


def opened(run: Path) -> Run:
    """The run, and a word on stderr when its training has not finished."""
    from narrows.runs.run import Run

    loaded = Run.load(run)
    if loaded.unfinished:
        print(f"narrows: {loaded.unfinished}", file=sys.stderr)
    return loaded


def check_page(out: Path, data: str) -> None:
    """Refuse a page that would be written over something else, before anything is computed."""
    from narrows.data.writers import check_target

    check_target(out, data)
    if out.suffix.lower() != ".html":
        raise InputError(f"The page cannot be written to {out.name!r}; wanted is a name that ends in .html.")


def reading_again(run: Run) -> Reading:
    """How to read other data for `run`: the same size of images, the same columns by name."""
    from narrows.data.readers import Reading

    asked = run.config.get("reading", {})
    size = asked.get("resize")
    size = size and (size[0], size[1])
    return Reading(run.schema.kind, size, id=asked.get("id"), patch=asked.get("patch"), like=run.schema)


def parse_size(text: str | None) -> tuple[int, int] | None:
    """`"32x48"` as height and width.

    >>> parse_size("32x48")
    (32, 48)
    """
    if text is None:
        return None
    height, _, width = text.partition("x")
    if not (height.isdigit() and width.isdigit() and 0 < int(height) * int(width) <= 10**8):
        raise InputError(f"--resize takes HEIGHTxWIDTH, as in 32x48, but got {text!r}.")
    return int(height), int(width)


def parse_sizes(text: str, option: str) -> list[int]:
    """`"2,4,8"`, what `option` was given, as numbers."""
    if not all(part.strip().isdigit() and int(part) for part in text.split(",")):
        raise InputError(f"{option} takes whole numbers, as in 2,4,8, but got {text!r}.")
    return [int(part) for part in text.split(",")]


def say(record: Any, text: str, as_json: bool) -> None:
    """Print the result to stdout, for a machine or for a person."""
    print(json.dumps(record, indent=None) if as_json else text)
