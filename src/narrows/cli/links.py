"""The verb for graphs: links."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from narrows.cli.commands import Result
from narrows.cli.inputs import open_run
from narrows.cli.options import RunArgument, output, whole
from narrows.core.errors import InputError

if TYPE_CHECKING:
    from narrows.data.columns import Array
    from narrows.runs.links import Likely
    from narrows.runs.run import Run

Top = Annotated[int, whole("how many pairs are written, the likeliest first", "--top")]


def links(run: RunArgument, out: Annotated[Path, output("columns")], top: Top = 100) -> Result:
    """Write the likeliest edges that the graph of RUN does not have."""
    from narrows.data.formats import form_for
    from narrows.data.writers import check_target, write_columns
    from narrows.runs.links import likeliest

    form_for("Pairs", out, ("columns",))
    check_target(out, str(run))
    if top < 1:
        raise InputError(f"--top is {top}, but at least one pair is to be written.")
    loaded = open_run(run)
    found = likeliest(loaded, top)
    write_columns(columns(loaded, found), out, ())
    n = len(found.pairs)
    return Result({"out": str(out), "pairs": n}, f"The {n:,} likeliest edges that are not there: {out}")


def columns(run: Run, found: Likely) -> dict[str, Array]:
    """The pairs as columns: both nodes, by name if they have one, and the log-odds of an edge."""
    import numpy as np

    n = found.pairs.max(initial=-1) + 1
    names = np.array(run.evidence.ids) if run.evidence.ids else np.arange(n)
    one, other = (names[end] for end in found.pairs.T)
    return {"node": one, "other": other, "log_odds": found.log_odds}
