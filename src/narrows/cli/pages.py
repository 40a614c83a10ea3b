"""Verbs that write the page of a run again: report, explore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from narrows.cli.commands import Result
from narrows.cli.options import Json, RunArgument
from narrows.core.errors import DamagedRunError, InputError

Beside = Annotated[
    Path | None, typer.Option(metavar="RUN2", help="another run, to be shown in the same page")
]


def report(run: RunArgument) -> Result:
    """Write RUN/report.html again."""
    page = write_report(run)
    return Result({"out": str(page)}, str(page))


def explore(run: RunArgument, beside: Beside = None, as_json: Json = False) -> Result:
    """Write RUN/report.html again and open it, to move through the codes of RUN.

    With two runs the page is RUN/beside.html. With --json it is not opened.
    """
    import webbrowser

    page = write_report(run, *([beside] if beside else []))
    if not as_json:
        webbrowser.open(page.absolute().as_uri())
    return Result({"out": str(page)}, str(page))


def write_report(run: Path, *beside: Path) -> Path:
    """Write the page of `run`, or the page of `run` and the runs `beside` it."""
    from narrows.data.writers import write_text
    from narrows.report import render
    from narrows.runs.folder import load_run

    page = run / ("beside.html" if beside else "report.html")
    loaded = [load_run(folder) for folder in (run, *beside)]
    try:
        text = render(*loaded)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise DamagedRunError(f"{run} is damaged: {type(error).__name__} {error}.") from error
    write_text(text, page)
    return page
