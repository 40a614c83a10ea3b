"""Columns that number, name or date the rows, and ids that repeat.

A row number, an id or a time is no measurement: new rows lie outside of what a model has seen of it, so that
all of them look unusual. Such a column is recognised by its cells, in the order of the file:

- All steps are equal: a row number, or a time at a constant rate.
- Whole numbers that rise, or fall, with every row: an id or a time. Twenty rows in random order do so
  with probability 2/20!.
- Numbers that are dates from 2000 to 2050, as seconds, milliseconds, microseconds or nanoseconds since 1970,
  and are in order or in a column called a time; or that rise with every row in such a column.
- Whole numbers in any order of which no two are the same, though independent ones would repeat: `n` of them
  in a range of `r` differ with probability at most exp(-n (n - 1) / 2r), which is reached where all are
  equally probable (the birthday problem). Or no two are the same and the column is called an id.
- Whole numbers in a column with the name that pandas gives to an index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import few
from narrows.core.findings import Finding
from narrows.core.shell import listed_name, quoted
from narrows.data.examples import Data
from narrows.data.tables.notation import PLAIN, Notation

FEWEST = 20
"""A column with fewer cells is not judged."""

CHANCE = 1e-4
"""The largest probability with which independent numbers may all be different."""

SINCE, UNTIL = 946_684_800, 2_524_608_000
"""The years 2000 and 2050 in seconds since 1970."""

UNITS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
"""The units of dates since 1970, in a second."""

PANDAS_INDEX = re.compile(r"Unnamed: 0(\.\d+)?|level_0|__index_level_0__")
ID = re.compile(r"(?i:(?:.*[^a-z])?(?:id|idx|index|uuid|row|rownames?))|.*[a-z]I[dD]")
TIME = re.compile(r"(?i:(?:.*[^a-z])?(?:time|timestamp|epoch|date|datetime)(?:[^a-z].*)?)|.*[a-z]Time")
"""Names of columns that pandas made of an index, of ids, and of times."""

Cells = NDArray[np.float64]


def check_identifiers(data: Data) -> Finding | None:
    """A warning of the columns of a table that are row numbers, ids or times; None if there are none."""
    seen = identifiers(data)
    if not seen:
        return None
    listed = few([f"{name} ({text})" for name, text in seen.items()])
    verb = "seems" if len(seen) == 1 else "seem"
    text = f"{listed} {verb} to number, name or date the rows, so that all new rows are unlike these."
    return Finding("identifiers", "warning", text, advice(data, list(seen)))


def advice(data: Data, names: Sequence[str]) -> str:
    """How to leave the columns called `names` out, or to name the rows by the first one that can do that."""
    rows, columns = data.drawn().array, [column.name for column in data.schema.columns]
    naming = [n for n in names if not data.ids and not has_repetition(rows[:, columns.index(n)])][:1]
    ids = f"--id {quoted(naming[0])} names the rows by it, " if naming else ""
    it = "it" if len(names) == 1 else "them"
    return f"{ids}--drop {quoted(','.join(map(listed_name, names)))} leaves {it} out."


def identifiers(data: Data) -> dict[str, str]:
    """What is seen of each column of a table that numbers, names or dates the rows, by its name."""
    if not data.schema.columns:
        return {}
    rows = data.drawn().array
    columns = [(j, column) for j, column in enumerate(data.schema.columns) if not column.levels]
    found = {
        c.name: described(rows[:, j].astype(np.float64), c.name, c.notation, dates=c.dates is not None)
        for j, c in columns
    }
    return {name: text for name, text in found.items() if text}


def described(cells: Cells, name: str, notation: Notation = PLAIN, *, dates: bool = False) -> str:
    """What is seen of a column `cells (n,)` that numbers, names or dates the rows; empty for others."""
    present = cells[~np.isnan(cells)]
    if len(present) < FEWEST or present.min() == present.max():
        return ""
    if dates:
        return "dates in order" if is_monotone(present) else ""
    return as_dates(present, name) or in_order(present, name, notation) or in_any_order(present, name)


def as_dates(cells: Cells, name: str) -> str:
    """What is seen of dates since 1970 that are in order or called a time; empty for other cells."""
    low, high = cells.min(), cells.max()
    unit = next((u for u, size in UNITS.items() if SINCE * size <= low and high < UNTIL * size), "")
    if not unit or not (is_monotone(cells) or TIME.fullmatch(name)):
        return ""
    first, last = (datetime.fromtimestamp(x / UNITS[unit], UTC).date() for x in (low, high))
    return f"dates from {first} to {last}, as {unit} since 1970"


def in_order(cells: Cells, name: str, notation: Notation) -> str:
    """What is seen of cells that rise, or fall, with every row; empty for others."""
    if not is_monotone(cells) or has_repetition(cells):
        return ""
    word, step = "rises" if cells[-1] > cells[0] else "falls", abs(cells[-1] - cells[0]) / (len(cells) - 1)
    if is_even(cells):
        return f"{word} by {notation.show(step)} with every row"
    return f"{word} with every row" if is_whole(cells) or TIME.fullmatch(name) else ""


def in_any_order(cells: Cells, name: str) -> str:
    """What is seen of whole cells of which no two are the same; empty for others."""
    if not is_whole(cells):
        return ""
    if PANDAS_INDEX.fullmatch(name):
        return "an index that pandas wrote"
    if has_repetition(cells):
        return ""
    n, possible = len(cells), np.ptp(cells) + 1
    if n * (n - 1) / (2 * possible) < -np.log(CHANCE) and not ID.fullmatch(name):
        return ""
    return "whole numbers of which no two are the same"


def is_monotone(cells: Cells) -> bool:
    """Whether no cell is below the one before, or none above."""
    steps = np.diff(cells)
    return bool((steps >= 0).all() or (steps <= 0).all())


def is_even(cells: Cells) -> bool:
    """Whether the cells lie on a line, up to a quarter of a step for the digits that a file has."""
    line = np.linspace(cells[0], cells[-1], len(cells))
    return bool(np.abs(cells - line).max() <= abs(line[1] - line[0]) / 4)


def is_whole(cells: Cells) -> bool:
    """Whether all cells are whole numbers; most others show it in the first thousand."""
    return all(bool((part == np.round(part)).all()) for part in (cells[:1000], cells))


def has_repetition(cells: Cells) -> bool:
    """Whether a number occurs twice; most columns show it in the first thousand."""
    return any(len(np.unique(part)) < len(part) for part in (cells[:1000], cells))


def check_ids(data: Data) -> Finding | None:
    """A warning of ids that name several rows; None if there are none."""
    repeated = {name: count for name, count in Counter(data.ids).items() if count > 1}
    if not repeated:
        return None
    first, count = next(iter(repeated.items()))
    text = (
        f"{len(repeated):,} of {len(set(data.ids)):,} ids name several rows, the first of them {first!r} "
        f"{count:,} rows."
    )
    advice = "Choose a column without repetitions for --id; rows that belong together are named by --groups."
    return Finding("repeated ids", "warning", text, advice)
