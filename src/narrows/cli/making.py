"""Verbs that make new data out of codes: sample, interpolate, arithmetic, grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from narrows.cli.common import (
    DataArgument,
    Json,
    Output,
    Quiet,
    RunArgument,
    Seed,
    load_both,
    opened,
    say,
)
from narrows.core.errors import InputError

if TYPE_CHECKING:
    from narrows.data.schema import Data

Table = Annotated[
    Path | None, typer.Option("--table", metavar="FILE.csv", help="the numbers of each step or point as well")
]


def sample(
    run: RunArgument,
    out: Output,
    n: Annotated[int, typer.Option("-n", help="how many")] = 64,
    by_epoch: Annotated[
        bool,
        typer.Option("--by-epoch", help="the same draw after each epoch kept by --set training.snapshots=6"),
    ] = False,
    seed: Seed = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write new examples that the model makes up."""
    from narrows.data.writers import check_target
    from narrows.report.sheets import write_rows, write_shown
    from narrows.tasks.generation.sample import sample as draw
    from narrows.tasks.generation.sample import sample_by_epoch

    check_target(out)
    loaded = opened(run)
    if by_epoch:
        epochs, note = sample_by_epoch(loaded, n, seed)
        write_rows(epochs, loaded.schema, out)
        record = {"out": str(out), "n": n, "note": note, "epochs": list(epochs)}
        say(record, f"{n} samples after {', '.join(epochs)}: {out}\n{note}", as_json)
        return
    values, note = draw(loaded, n, seed)
    write_shown(values, loaded.schema, out)
    say({"out": str(out), "n": n, "note": note}, f"{n} samples: {out}\n{note}", as_json)


def interpolate(
    run: RunArgument,
    data: DataArgument,
    first: Annotated[int, typer.Argument(metavar="I", help="number of an example of DATA, from 0")],
    second: Annotated[int, typer.Argument(metavar="J", help="number of another")],
    out: Output,
    steps: Annotated[int, typer.Option(help="examples on the way, both ends included")] = 10,
    spherical: Annotated[
        bool, typer.Option("--spherical", help="of the two ways, the one on an arc; a .png shows both")
    ] = False,
    table: Table = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the way from example I of DATA to example J, through their codes."""
    from narrows.data.writers import check_target, write_csv
    from narrows.report.sheets import is_sheet, write_rows, write_shown
    from narrows.tasks.generation.interpolate import interpolate as walk
    from narrows.tasks.generation.interpolate import under_each_other

    for target in (out, table) if table else (out,):
        check_target(target, data)
    loaded, found = load_both(run, data)
    ways = walk(loaded, numbered(found, (first, second), data).array, steps)
    if is_sheet(loaded.schema, out):
        write_rows({name: way.values for name, way in ways.items()}, loaded.schema, out)
    else:
        write_shown(ways["spherical" if spherical else "linear"].values, loaded.schema, out)
    if table:
        write_csv(under_each_other(ways), table)
    text = [f"{steps} steps from {first} to {second}: {out}"]
    text += [f"{name}: {way.sentence}" for name, way in ways.items()]
    record = {name: way.record() for name, way in ways.items()}
    say({"out": str(out), "steps": steps, **record}, "\n".join(text), as_json)


class Listing(TyperCommand):
    """A command whose options take several numbers in a row: `--add 3 8 --subtract 5`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        found: list[str] = []
        option = ""
        for word in args:
            if word.isdigit() and option and found[-1] != option:
                found.append(option)
            found.append(word)
            option = word if word in ("--add", "--subtract") else option if word.isdigit() else ""
        return super().parse_args(ctx, found)


def arithmetic(
    run: RunArgument,
    data: DataArgument,
    out: Output,
    add: Annotated[
        list[int], typer.Option("--add", metavar="I…", help="numbers of examples of DATA, from 0")
    ],
    subtract: Annotated[
        list[int] | None, typer.Option("--subtract", metavar="J…", help="numbers of others")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Add and subtract the codes of examples, and write what is decoded; a .png shows all of them."""
    from narrows.data.writers import check_target
    from narrows.report.sheets import is_sheet, write_rows, write_shown
    from narrows.tasks.generation.arithmetic import arithmetic as reckon

    check_target(out, data)
    loaded, found = load_both(run, data)
    added, subtracted = (numbered(found, of, data).array for of in (add, subtract or []))
    result = reckon(loaded, added, subtracted)
    if is_sheet(loaded.schema, out):
        rows = {"added": added, "subtracted": subtracted, "result": result.value}
        write_rows({name: values for name, values in rows.items() if len(values)}, loaded.schema, out)
    else:
        write_shown(result.value, loaded.schema, out)
    empty = None if result.emptiness is None else float(result.emptiness[0])
    record = {"out": str(out), "add": add, "subtract": subtract or [], "emptiness": empty}
    say(record, f"{result.sentence}\n{out}", as_json)


def grid(
    run: RunArgument,
    out: Output,
    side: Annotated[int, typer.Option(help="points across and down")] = 20,
    dims: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="two code dimensions, from 0; where codes vary most if not given"),
    ] = None,
    table: Table = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write decoded points across a plane of the code."""
    from narrows.data.writers import check_target, write_csv
    from narrows.report.sheets import write_shown
    from narrows.tasks.generation.grid import grid as lay_out

    for target in (out, table) if table else (out,):
        check_target(target)
    chosen = None if dims is None else parse_dims(dims)
    loaded = opened(run)
    found = lay_out(loaded, side, chosen)
    write_shown(found.values, loaded.schema, out, columns=side, least=28)
    if table:
        write_csv(found.columns(), table)
    say({"out": str(out), "n": len(found.codes), "note": found.sentence}, f"{found.sentence}\n{out}", as_json)


def numbered(data: Data, numbers: Sequence[int], source: str) -> Data:
    """The examples of these numbers."""
    import numpy as np

    for number in numbers:
        if not 0 <= number < len(data):
            raise InputError(f"There is no example {number}: {source} has {len(data):,}, counted from 0.")
    return data.rows(np.array(numbers, dtype=np.intp))


def parse_dims(text: str) -> tuple[int, int]:
    """`"0,3"` as two numbers."""
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdigit() for part in parts):
        raise InputError(f"--dims takes two code dimensions, as in 0,1, but got {text!r}.")
    return int(parts[0]), int(parts[1])
