"""The decks' table: every system, claim and exercise with the number that it comes to on real data."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from narrows.core.errors import InputError
from narrows.core.files import replace_file
from narrows.core.registry import nearest
from narrows.report.template import fill
from narrows.reproduce import capacity, classification, csci, geometry, latent, pelz, sharif, yip
from narrows.reproduce.lab import Entry, Figure, Finding, Lab

LECTURES = {
    "P": ("Pelz, Data Science for Electron Microscopy", "P1 P5 P2 K5 P3 K7 K8 P4 P6 E3 E1 E2"),
    "Y": ("Yip, Physics 361", "Y6 K6 K12 Y7 Y1 Y2 K9 K14 Y3 Y4 Y5 K2 K1 K10"),
    "C": ("CSCI 6379, Introduction to Deep Learning", "C2 C1"),
    "S": ("Sharif CE, ML Instruction Team", "S1 K13 S2 K11 S3 K4 K3 S4 S5"),
}
"""By letter a lecture's name, and what it shows, in its order. Claims that several make stand once."""

MODULES = (pelz, classification, yip, csci, sharif, latent, capacity, geometry)
BY_ID = {entry.id: entry for module in MODULES for entry in module.ENTRIES}
ENTRIES = tuple(BY_ID[name] for _, ids in LECTURES.values() for name in ids.split() if name in BY_ID)
"""The table, in the order of the lectures."""

Row = dict[str, Any]

VERSION = version("narrows")


def reproduce(
    ids: Sequence[str],
    out: Path,
    *,
    quick: bool = False,
    seed: int = 0,
    on_row: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Measure the entries called `ids` (all, if there are none) and write the page and its JSON.

    What was measured before, with the same choices and version, is taken from `out` and not measured again.

    Args:
        ids: as in the table, in any spelling of the letters.
        out: a folder: `reproduce.html`, `reproduce.json`, and a file for each entry.
        quick: a small data set and short trainings, with thresholds of their own.
        seed: of all that is random.
        on_row: called with each row as it is found.
    """
    lab, rows, entries = Lab(quick=quick, seed=seed), [], chosen(ids)
    (out / "entries").mkdir(parents=True, exist_ok=True)
    for entry in entries:
        kept = out / "entries" / f"{entry.id}{'-quick' if quick else ''}-{seed}.json"
        row = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
        if row.get("version") != VERSION:
            row = measured(entry, lab)
            replace_file(kept, json.dumps(row).encode())
        rows.append(row)
        if on_row:
            on_row(row)
    found = [without_figures(row) for row in rows]
    replace_file(out / "reproduce.json", json.dumps({"rows": found}, indent=1).encode())
    replace_file(out / "reproduce.html", page(rows, quick=quick, seed=seed).encode())
    return found


def chosen(ids: Sequence[str]) -> list[Entry]:
    """The entries called `ids`, in the order of the lectures; all, if there are none."""
    wanted = {name.upper() for name in ids}
    known = [entry.id for entry in ENTRIES]
    for name in sorted(wanted - set(known)):
        raise InputError(f"The decks' table has no entry {name!r}.{nearest(name, known)}")
    return [entry for entry in ENTRIES if entry.id in wanted or not wanted]


def measured(entry: Entry, lab: Lab) -> Row:
    """The row of one entry."""
    start = time.perf_counter()
    finding = entry.measure(lab)
    facts = {"id": entry.id, "system": entry.system, "statement": entry.statement, "deck": dict(entry.deck)}
    seconds = round(time.perf_counter() - start, 1)
    return {**facts, **asdict(finding), "seconds": seconds, "version": VERSION}


def without_figures(row: Row) -> Row:
    """What a machine reads of a row."""
    return {key: value for key, value in row.items() if key != "figures"}


def page(rows: Sequence[Row], *, quick: bool, seed: int) -> str:
    """The table as a page of HTML, lecture by lecture."""
    found = {row["id"]: row for row in rows}
    lectures = [
        (letter, name, [found[i] for i in ids.split() if i in found])
        for letter, (name, ids) in LECTURES.items()
    ]
    return fill("reproduce.html", {"lectures": lectures, "rows": rows, "quick": quick, "seed": seed})


__all__ = ["ENTRIES", "Entry", "Figure", "Finding", "Lab", "reproduce"]
