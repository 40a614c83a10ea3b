"""The lectures' table: every system, claim and exercise, measured on real data."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from narrows.core.errors import InputError
from narrows.core.files import replace_file
from narrows.core.registry import nearest
from narrows.report.template import fill
from narrows.reproduce import capacity, classification, csci, geometry, latent, pelz, sharif, yip
from narrows.reproduce.findings import Figure, Finding
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import interval, number

LECTURES = {
    "P": ("Pelz, Data Science for Electron Microscopy", "P1 P5 P2 K5 P3 K7 K8 P4 P6 E3 E1 E2"),
    "Y": ("Yip, Physics 361", "Y6 K6 K12 Y7 Y1 Y2 K9 K14 Y3 Y4 Y5 K2 K1 K10"),
    "C": ("CSCI 6379, Introduction to Deep Learning", "C2 C1"),
    "S": ("Sharif CE, ML Instruction Team", "S1 K13 S2 K11 S3 K4 K3 S4 S5"),
}
"""By letter: the name of a lecture and its entries, in its order. A shared claim is listed once."""

MODULES = (pelz, classification, yip, csci, sharif, latent, capacity, geometry)
BY_ID = {entry.id: entry for module in MODULES for entry in module.ENTRIES}
ENTRIES = tuple(BY_ID[name] for _, ids in LECTURES.values() for name in ids.split() if name in BY_ID)
"""The table, in the order of the lectures."""

Row = dict[str, Any]

VERSION = version("narrows")

SHOWN: Mapping[str, Any] = {
    "colour": {True: "beats", False: "does-not-beat", None: "cannot-tell"},
    "kept": {True: "yes", False: "no", None: "cannot tell"},
    "interval": interval,
    "digits": number,
}
"""How the page shows verdicts and numbers."""


def reproduce(
    ids: Sequence[str],
    out: Path,
    *,
    quick: bool = False,
    seed: int = 0,
    on_row: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Measure the entries `ids` (all if empty) and write the page and its JSON.

    An entry that was measured before with the same options and version is read from `out`.

    Args:
        ids: ids of entries, in upper or lower case.
        out: a folder for `reproduce.html`, `reproduce.json`, and one file per entry.
        quick: small data sets and short trainings, with their own thresholds.
        seed: seeds everything random.
        on_row: called with each row as soon as it is measured.

    Raises:
        InputError: for an id that does not exist.
    """
    lab, rows, entries = Lab(quick=quick, seed=seed), [], choose(ids)
    for entry in entries:
        rows.append(kept_row(entry, lab, out / "entries"))
        if on_row:
            on_row(rows[-1])
    written = [without_figures(row) for row in rows]
    replace_file(out / "reproduce.json", json.dumps({"rows": written}, indent=1).encode())
    replace_file(out / "reproduce.html", page(rows, quick=quick, seed=seed).encode())
    return written


def choose(ids: Sequence[str]) -> list[Entry]:
    """The entries `ids` in the order of the lectures; all if empty."""
    wanted = {name.upper() for name in ids}
    known = [entry.id for entry in ENTRIES]
    for name in sorted(wanted - set(known)):
        raise InputError(f"The lectures have no entry {name!r}.{nearest(name, known)}")
    return [entry for entry in ENTRIES if entry.id in wanted or not wanted]


def kept_row(entry: Entry, lab: Lab, folder: Path) -> Row:
    """The row of one entry, read from `folder` if this version measured it before."""
    file = folder / f"{entry.id}{'-quick' if lab.quick else ''}-{lab.seed}.json"
    row: Row = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if row.get("version") != VERSION:
        row = measure(entry, lab)
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(file, json.dumps(row).encode())
    return row


def measure(entry: Entry, lab: Lab) -> Row:
    """Run the experiment of one entry; its row of the table."""
    start, cpu = time.perf_counter(), time.process_time()
    finding = entry.measure(lab)
    facts = {"id": entry.id, "system": entry.system, "statement": entry.statement, "deck": dict(entry.deck)}
    times = {
        "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
    }
    verdict = entry.words[finding.holds]
    return {**facts, **finding.to_json(), "verdict": verdict, **times, "version": VERSION}


def without_figures(row: Row) -> Row:
    """A row as it stands in the JSON."""
    return {key: value for key, value in row.items() if key != "figures"}


def page(rows: Sequence[Row], *, quick: bool, seed: int) -> str:
    """The HTML page, with one section per lecture."""
    by_id = {row["id"]: row for row in rows}
    lectures = [
        (letter, name, [by_id[i] for i in ids.split() if i in by_id])
        for letter, (name, ids) in LECTURES.items()
    ]
    return fill("reproduce.html", {"lectures": lectures, "rows": rows, "quick": quick, "seed": seed, **SHOWN})


__all__ = ["ENTRIES", "Entry", "Figure", "Finding", "Lab", "reproduce"]
