"""The command line: one verb a use. Nothing heavy is imported before a verb runs.

Data go to stdout, progress and log to stderr. Exit code 0: done, 1: failed, 2: wrong use. The verbs stand in
this package by theme; a module that is imported here adds its own.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import warnings
from typing import NoReturn

from typer.exceptions import Abort, TyperException

from narrows.cli import denoising, finding, fitting, making, probing, restoring, showing, using
from narrows.cli.common import app
from narrows.core.errors import InputError, TrainingError

__all__ = [
    "app",
    "denoising",
    "finding",
    "fitting",
    "main",
    "making",
    "probing",
    "restoring",
    "showing",
    "using",
]


VERBS = [
    "fit",
    "recipes",
    "data",
    "doctor",
    "compare",
    "encode",
    "reconstruct",
    "denoise",
    "restore",
    "anomalies",
    "sample",
    "interpolate",
    "arithmetic",
    "grid",
    "probe",
    "report",
    "explore",
    "export",
    "reproduce",
]
"""In the order in which they are listed: from the data to a model, then what it is good for."""

app.registered_commands.sort(key=lambda verb: VERBS.index(getattr(verb.callback, "__name__", "")))


def fail(message: str, code: int, as_json: bool) -> NoReturn:
    """Print the one sentence that says what went wrong, and end."""
    print(
        json.dumps({"error": message}) if as_json else f"narrows: {message}",
        file=sys.stdout if as_json else sys.stderr,
    )
    raise SystemExit(code)


INTERRUPTED = 130
"""What the parser makes of Ctrl-C."""


def main() -> None:
    """Run the command line; every foreseen mistake ends in one sentence."""
    as_json = "--json" in sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # consoles that lack a formula's letters
    # What libraries remark on broken files is said in our own sentence.
    warnings.simplefilter("ignore")
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        fail(error.format_message(), 2, as_json)
    except InputError as error:
        fail(str(error), 2, as_json)
    except TrainingError as error:
        fail(str(error), 1, as_json)
    except (KeyboardInterrupt, Abort):
        fail("Interrupted before anything was finished.", 1, as_json)
    if code == INTERRUPTED:
        fail("Interrupted before anything was finished.", 1, as_json)
    raise SystemExit(code if isinstance(code, int) else 0)
