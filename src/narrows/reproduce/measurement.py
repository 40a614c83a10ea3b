"""Measure entries one after another or in several processes; what was measured before is read."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from narrows.core.files import replace_file, writing
from narrows.reproduce.catalogue import BY_ID
from narrows.reproduce.interruption import deaf, ending_children, stopping
from narrows.reproduce.lab import VERSION, Entry, Lab
from narrows.training.devices import use_threads

Row = dict[str, Any]


class Table(NamedTuple):
    """Which table is measured, and the folder for its rows and models."""

    quick: bool
    seed: int
    folder: Path

    def lab(self) -> Lab:
        """A lab for entries of this table."""
        return Lab(quick=self.quick, seed=self.seed, folder=self.folder / "models")


def rows_of(entries: Sequence[Entry], table: Table, jobs: int) -> Iterator[Row]:
    """The rows of `entries`, in order, measured by `jobs` processes with one thread each.

    A row does not depend on the number of processes.
    """
    if min(jobs, len(entries)) <= 1:
        use_threads(1)
        lab = table.lab()
        yield from (kept_row(entry, lab, table) for entry in entries)
        return
    pool = ProcessPoolExecutor(min(jobs, len(entries)), get_context("spawn"))
    with pool, ending_children():
        with deaf():
            rows = pool.map(partial(row_of, table=table), [entry.id for entry in entries])
        yield from rows


LABS: dict[Table, Lab] = {}
"""The lab of this process, whose models its entries share."""


def row_of(name: str, table: Table) -> Row:
    """The row of the entry `name`, in a process of its own."""
    use_threads(1)
    lab = LABS.setdefault(table, table.lab())
    return kept_row(BY_ID[name], lab, table)


def kept_row(entry: Entry, lab: Lab, table: Table) -> Row:
    """The row of one entry, read from the folder if this version could measure it before."""
    file = table.folder / f"{entry.id}{'-quick' if table.quick else ''}-{table.seed}.json"
    row: Row = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if row.get("version") != VERSION or not row["checks"]:
        with stopping():
            row = measure(entry, lab)
        with writing(table.folder):
            file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(file, json.dumps(row).encode())
    return row


def measure(entry: Entry, lab: Lab) -> Row:
    """Run the experiment of one entry; its row of the table."""
    start, cpu = time.perf_counter(), time.process_time()
    finding = entry.measure(lab)
    times = {
        "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
    }
    facts = {"id": entry.id, "system": entry.system, "statement": entry.statement, "deck": dict(entry.deck)}
    verdict = "partly reached" if finding.partly and finding.holds is None else entry.words[finding.holds]
    return {**facts, **finding.to_json(), "verdict": verdict, **times, "version": VERSION}
