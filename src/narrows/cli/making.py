"""Verbs that make new data out of codes: sample, interpolate."""

from __future__ import annotations

from typing import Annotated

import typer

from narrows.cli.common import (
    DataArgument,
    Json,
    Output,
    Quiet,
    RunArgument,
    Seed,
    app,
    load_both,
    opened,
    say,
)
from narrows.errors import InputError


@app.command()
def sample(
    run: RunArgument,
    out: Output,
    n: Annotated[int, typer.Option("-n", help="how many")] = 64,
    seed: Seed = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write new examples that the model makes up."""
    from narrows.data.writers import check_target, write_examples
    from narrows.tasks.sample import sample as draw

    check_target(out)
    loaded = opened(run)
    values, note = draw(loaded, n, seed)
    write_examples(values, loaded.schema, out)
    say({"out": str(out), "n": n, "note": note}, f"{n} samples: {out}\n{note}", as_json)


@app.command()
def interpolate(
    run: RunArgument,
    data: DataArgument,
    first: Annotated[int, typer.Argument(metavar="I", help="number of an example of DATA, from 0")],
    second: Annotated[int, typer.Argument(metavar="J", help="number of another")],
    out: Output,
    steps: Annotated[int, typer.Option(help="examples on the way, both ends included")] = 10,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the way from example I of DATA to example J, through their codes."""
    loaded, found = load_both(run, data)
    import numpy as np

    from narrows.data.writers import check_target, picture, write_examples, write_picture
    from narrows.tasks.sample import interpolate as walk

    check_target(out, data)
    for number in (first, second):
        if not 0 <= number < len(found):
            raise InputError(f"There is no example {number}: {data} has {len(found):,}, counted from 0.")
    path = walk(loaded, found.rows(np.array([first, second])).array, steps)
    if out.suffix.lower() == ".png" and loaded.schema.kind == "images":
        write_picture(picture(loaded.schema.arrange(path), columns=steps), out)
    else:
        write_examples(path, loaded.schema, out)
    say({"out": str(out), "steps": steps}, f"{steps} steps from {first} to {second}: {out}", as_json)
