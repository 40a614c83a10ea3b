"""The command line: one verb for each use, listed in `verbs`. Nothing heavy is imported before a verb runs.

Results go to stdout, progress and warnings to stderr. Exit code 0: done, 1: failed, 2: wrong use.
"""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import warnings
from contextlib import AbstractContextManager, nullcontext
from typing import NoReturn

from typer.exceptions import Abort, TyperException

from narrows.cli.verbs import app
from narrows.core.errors import NarrowsError
from narrows.core.launch import launched


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
    prepare()
    try:
        with started_together():
            code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except TyperException as error:
        fail(error.format_message(), 2, as_json)
    except NarrowsError as error:
        fail(str(error), error.exit_code, as_json)
    except (KeyboardInterrupt, Abort):
        end_interrupted(as_json)
    if code == INTERRUPTED:
        end_interrupted(as_json)
    raise SystemExit(code if isinstance(code, int) else 0)


def end_interrupted(as_json: bool) -> NoReturn:
    """End after Ctrl-C, which all processes that were started together get; the first one says so."""
    if not launched().first:
        raise SystemExit(1)
    fail("Interrupted before anything was finished.", 1, as_json)


def started_together() -> AbstractContextManager[None]:
    """The processes that torchrun started with this one; PyTorch is loaded first where there are any."""
    if launched().size == 1:
        return nullcontext()
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # else each says where another's connection ended
    from narrows.core.processes import joined

    return joined()


def prepare() -> None:
    """Set up the output of the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # consoles that lack a formula's letters
    # Broken files are reported in our own sentences.
    warnings.simplefilter("ignore")
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
