"""Verbs that make new data out of codes: sample, interpolate, arithmetic, grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from narrows.cli.commands import Result
from narrows.cli.inputs import open_both, open_run
from narrows.cli.options import DataArgument, Output, Quiet, RunArgument, Seed, whole
from narrows.cli.parsing import parse_dims, parse_shares, parse_whole
from narrows.core.errors import InputError

if TYPE_CHECKING:
    from narrows.data.examples import Data
    from narrows.data.schema import Array, Schema
    from narrows.runs.run import Run

Count = Annotated[int, whole("how many", "-n")]
ByEpoch = Annotated[
    bool,
    typer.Option("--by-epoch", help="the same draw after each epoch kept by --set training.snapshots=6"),
]
First = Annotated[
    int, typer.Argument(parser=parse_whole, metavar="I", help="number of an example of DATA, from 0")
]
Second = Annotated[int, typer.Argument(parser=parse_whole, metavar="J", help="number of another")]
Steps = Annotated[int | None, whole("examples on the path, both ends included; 10 if neither is given")]
Alpha = Annotated[
    str | None,
    typer.Option(
        metavar="A[,B…]",
        help="instead of --steps, places on the path from 0, example I, to 1, example J: 0.5 or 0,0.25,1",
    ),
]
Spherical = Annotated[
    bool,
    typer.Option("--spherical", help="write the path on an arc, not the line; a .png shows both"),
]
Table = Annotated[
    Path | None,
    typer.Option("--table", metavar="FILE.csv", help="where the numbers of each step or point go"),
]
Add = Annotated[list[int], whole("numbers of examples of DATA, from 0", "--add", metavar="I…")]
Subtract = Annotated[list[int] | None, whole("numbers of others", "--subtract", metavar="J…")]
Side = Annotated[int, whole("points across and down")]
Dims = Annotated[
    str | None,
    typer.Option(metavar="A,B", help="two latent dimensions, from 0; where codes vary most if not given"),
]


def sample(run: RunArgument, out: Output, n: Count = 64, by_epoch: ByEpoch = False, seed: Seed = 0) -> Result:
    """Write new examples, decoded from random codes."""
    from narrows.report.sheets import write_shown
    from narrows.tasks.generation.sample import sample as draw

    check_targets((out,))
    loaded = open_run(run, "Samples")
    if by_epoch:
        return sample_by_epoch(loaded, out, n, seed)
    values, note = draw(loaded, n, seed)
    write_shown(values, loaded.schema, out)
    return Result({"out": str(out), "n": n, "note": note}, f"{n} samples: {out}\n{note}")


def sample_by_epoch(run: Run, out: Path, n: int, seed: int) -> Result:
    """Write the same draw from the weights of each epoch that `run` has kept."""
    from narrows.report.sheets import write_rows
    from narrows.tasks.generation.sample import sample_by_epoch as draw

    epochs, note = draw(run, n, seed)
    write_rows(epochs, run.schema, out)
    record = {"out": str(out), "n": n, "note": note, "epochs": list(epochs)}
    return Result(record, f"{n} samples after {', '.join(epochs)}: {out}\n{note}")


def interpolate(
    run: RunArgument,
    data: DataArgument,
    first: First,
    second: Second,
    out: Output,
    steps: Steps = None,
    alpha: Alpha = None,
    spherical: Spherical = False,
    table: Table = None,
    quiet: Quiet = False,
) -> Result:
    """Write a path from example I of DATA to example J, decoded from codes between theirs.

    The code at α is (1 − α) times that of I plus α times that of J.
    """
    if steps is not None and alpha is not None:
        raise InputError("--alpha says which places are shown, so that no --steps goes with it.")
    from narrows.data.writers import write_csv
    from narrows.tasks.generation.interpolate import as_table
    from narrows.tasks.generation.interpolate import interpolate as measure

    check_targets((out, table), data)
    loaded, found = open_both(run, data, quiet, "Interpolations")
    alphas = None if alpha is None else parse_shares(alpha, "--alpha")
    paths = measure(
        loaded, numbered(found, (first, second), data).array, 10 if steps is None else steps, alphas
    )
    rows = {name: path.values for name, path in paths.items()}
    write_one_or_all(rows["spherical" if spherical else "linear"], rows, loaded.schema, out)
    if table:
        write_csv(as_table(paths), table)
    shown = paths["linear"].alphas
    places = f"{len(shown)} steps" if alpha is None else f"α = {', '.join(f'{a:g}' for a in shown)}"
    text = [f"{places} from {first} to {second}: {out}"]
    text += [f"{name}: {path.sentence}" for name, path in paths.items()]
    record = {name: path.record() for name, path in paths.items()}
    return Result({"out": str(out), "steps": len(shown), "alphas": shown.tolist(), **record}, "\n".join(text))


def arithmetic(
    run: RunArgument,
    data: DataArgument,
    out: Output,
    add: Add,
    subtract: Subtract = None,
    quiet: Quiet = False,
) -> Result:
    """Add and subtract the codes of examples, and write what is decoded; a .png shows all of them."""
    from narrows.tasks.generation.arithmetic import arithmetic as combine

    check_targets((out,), data)
    loaded, found = open_both(run, data, quiet, "Sums of codes")
    added, subtracted = (numbered(found, of, data).array for of in (add, subtract or []))
    result = combine(loaded, added, subtracted)
    rows = {"added": added, "subtracted": subtracted, "result": result.value}
    write_one_or_all(result.value, {name: row for name, row in rows.items() if len(row)}, loaded.schema, out)
    empty = None if result.emptiness is None else float(result.emptiness[0])
    record = {"out": str(out), "add": add, "subtract": subtract or [], "emptiness": empty}
    return Result(record, f"{result.sentence}\n{out}")


def grid(run: RunArgument, out: Output, side: Side = 20, dims: Dims = None, table: Table = None) -> Result:
    """Write examples decoded from a grid of points in a plane of the code."""
    from narrows.data.writers import write_csv
    from narrows.report.sheets import write_shown
    from narrows.tasks.generation.grid import grid as lay_out

    check_targets((out, table))
    chosen = None if dims is None else parse_dims(dims)
    loaded = open_run(run, "Decoded points")
    found = lay_out(loaded, side, chosen)
    write_shown(found.values, loaded.schema, out, columns=side, least=28)
    if table:
        write_csv(found.columns(), table)
    record = {"out": str(out), "n": len(found.codes), "note": found.sentence}
    return Result(record, f"{found.sentence}\n{out}")


def check_targets(targets: Sequence[Path | None], source: str = "") -> None:
    """Refuse outputs that cannot be written, before anything is computed."""
    from narrows.data.writers import check_target

    for target in targets:
        if target is not None:
            check_target(target, source)


def numbered(data: Data, numbers: Sequence[int], source: str) -> Data:
    """The examples of these numbers."""
    import numpy as np

    for number in numbers:
        if not 0 <= number < len(data):
            raise InputError(f"There is no example {number}: {source} has {len(data):,}, counted from 0.")
    return data.rows(np.array(numbers, dtype=np.intp))


def write_one_or_all(shown: Array, rows: Mapping[str, Array], schema: Schema, out: Path) -> None:
    """Write all `rows` by name if `out` is one picture, else the examples that are `shown`."""
    from narrows.report.sheets import is_sheet, write_rows, write_shown

    if is_sheet(schema, out):
        write_rows(rows, schema, out)
    else:
        write_shown(shown, schema, out)
