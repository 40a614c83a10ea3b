"""The lectures' table: every system, claim and exercise, measured on real data."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from narrows.core.files import replace_file, writing
from narrows.reproduce.catalogue import ENTRIES, LECTURES, choose
from narrows.reproduce.findings import Figure, Finding
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.measurement import Row, Table, rows_of
from narrows.reproduce.page import page


def reproduce(
    ids: Sequence[str],
    out: Path,
    *,
    quick: bool = False,
    seed: int = 0,
    jobs: int = 1,
    on_row: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Measure the entries `ids` (all if empty) and write the page and its JSON.

    An entry that was measured before with the same options and version is read from `out`, and so are the
    models that were trained for an entry which was stopped.

    Args:
        ids: ids of entries, in upper or lower case.
        out: a folder for `reproduce.html`, `reproduce.json`, and one file per entry.
        quick: small data sets and short trainings, with their own thresholds.
        seed: seeds everything random.
        jobs: processes, with one thread each.
        on_row: called with each row as soon as it is measured.

    Raises:
        InputError: for an id that does not exist, or a folder that cannot be written.
        KeyboardInterrupt: at Ctrl-C; the same call goes on from what is in `out`.
    """
    entries, rows = choose(ids), []
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=out).close()
    for row in rows_of(entries, Table(quick, seed, out / "entries"), jobs):
        rows.append(row)
        if on_row:
            on_row(row)
    written = [without_figures(row) for row in rows]
    with writing(out):
        replace_file(out / "reproduce.json", json.dumps({"rows": written}, indent=1).encode())
        replace_file(out / "reproduce.html", page(rows, quick=quick, seed=seed).encode())
    return written


def without_figures(row: Row) -> Row:
    """A row as it stands in the JSON."""
    return {key: value for key, value in row.items() if key != "figures"}


__all__ = ["ENTRIES", "LECTURES", "Entry", "Figure", "Finding", "Lab", "reproduce"]
