"""The verb that measures the claims of the lectures: reproduce."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from narrows.cli.commands import Result, tell
from narrows.cli.options import Quiet, Seed
from narrows.cli.parsing import parse_whole

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="as P1, Y5, K7; all if none is given")]
Quick = Annotated[bool, typer.Option("--quick", help="small data and short trainings, in minutes")]
Jobs = Annotated[
    int | None,
    typer.Option(
        parser=parse_whole,
        metavar="N",
        help="processes with one thread each",
        show_default="one for each core",
    ),
]
Folder = Annotated[Path, typer.Option("--out", "-o", help="the folder for the page and its numbers")]


def reproduce(
    ids: Ids = None,
    quick: Quick = False,
    seed: Seed = 0,
    jobs: Jobs = None,
    out: Folder = Path("runs/reproduce"),
    quiet: Quiet = False,
) -> Result:
    """Measure the lectures' systems and claims, and write a page; continues where it stopped."""
    from narrows.core.errors import TrainingError
    from narrows.core.registry import within
    from narrows.reproduce import reproduce as measure
    from narrows.reproduce.page import summary

    def show(row: dict[str, Any]) -> None:
        tell(f"{row['id']:<4}{row['verdict']:<20}{' '.join(row['sentence'].split())}", quiet)

    processes = (os.cpu_count() or 1) if jobs is None else int(within("jobs", jobs, 1))
    try:
        rows = measure(ids or [], out, quick=quick, seed=seed, jobs=processes, on_row=show)
    except KeyboardInterrupt:
        raise TrainingError(f"Interrupted; the same command goes on from what is in {out}.") from None
    return Result({"rows": rows}, f"{summary(rows)}\n{out / 'reproduce.html'}")
