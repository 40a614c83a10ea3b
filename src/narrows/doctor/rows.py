"""Checks of rows: how many there are, what names them, and whether some are repeated or in order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from narrows.core.errors import InputError
from narrows.core.findings import Finding, percent
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import size_of_part
from narrows.data.tables import identifiers
from narrows.doctor.case import DataCase
from narrows.evaluation.verdict import FEWEST
from narrows.fitting import checks

REPEATED = 0.01
"""The share of rows that equal an earlier one from which on it is a warning."""

TELLING = 10
"""A table with more values in a column than this does not repeat its rows by chance."""


def check_rows(case: DataCase) -> Finding:
    """Whether there are enough rows, or groups, to train, choose and judge."""
    data = case.whole
    try:
        data.parts(0)
    except InputError as error:
        return Finding("number of rows", "error", str(error), "Gather more of them.")
    held_out, text = counted(data)
    if held_out >= FEWEST:
        return Finding("number of rows", "info", f"{text} for the verdict.")
    advice = "A model can be fitted all the same, but the verdict needs more data."
    return Finding("number of rows", "warning", f"{text}, but a verdict needs {FEWEST}.", advice)


def counted(data: Data) -> tuple[int, str]:
    """What counts once in the interval of a verdict: how many will be held out, and a sentence about it."""
    if data.test is not None:
        what = "rows" if data.test.counted is None else unit(data)
        n = len(data.test) if data.test.counted is None else len(np.unique(data.test.counted))
        return n, f"The set's own test part of {n:,} {what} will be held out"
    if data.counted is None:
        n = size_of_part(len(data))
        return n, f"{n:,} rows of {len(data):,} will be held out"
    n = len(np.unique(data.counted[data.parts(0).held_out]))
    return n, f"{n:,} {unit(data)} of {len(np.unique(data.counted)):,} will be held out"


def unit(data: Data) -> str:
    """What the rows with the same number of `Data.counted` are."""
    if data.stretches is None:
        return "groups"
    return "regions" if data.recordings is None else f"stretches of {data.schema.shape[0]:,} time steps"


def check_repeated(case: DataCase) -> Finding | None:
    """Whether rows equal an earlier one, value by value."""
    pairs = list(repeated(case.data.array))
    if not pairs:
        return None
    share, (one, other) = len(pairs) / len(case.data), pairs[0]
    evidence = (
        f"{percent(share)} of the rows ({len(pairs):,}) are the same as an earlier one, as row {other} as "
        f"row {one}, counted from 0."
    )
    if share < REPEATED or case.data.groups is not None or repeats_by_chance(case):
        return Finding("repeated rows", "info", evidence)
    advice = "Remove them, or keep them in one part with --groups, unless each was measured anew."
    return Finding("repeated rows", "warning", evidence, advice)


def repeated(values: Array) -> Iterator[tuple[int, int]]:
    """The places of each row of `values (n, …)` that equals an earlier one, the earlier one's first."""
    first: dict[bytes, int] = {}
    for i, row in enumerate(values):
        earlier = first.setdefault(hashlib.blake2b(row.tobytes(), digest_size=16).digest(), i)
        if earlier != i:
            yield earlier, i


def repeats_by_chance(case: DataCase) -> bool:
    """Whether the columns of a table have so few values that some rows are equal by chance."""
    return bool(case.columns) and all(len(np.unique(column)) <= TELLING for column in case.table.T)


def check_copies(case: DataCase) -> Finding | None:
    """Whether held-out rows have near-copies among the training rows."""
    return checks.check_copies(case.scaled, case.parts)


def check_order(case: DataCase) -> Finding | None:
    """Whether rows that follow each other are alike."""
    return checks.check_order(case.scaled, case.parts)


def check_identifiers(case: DataCase) -> Finding | None:
    """Whether row numbers, ids or times are among the columns."""
    return identifiers.check_identifiers(case.whole)


def check_ids(case: DataCase) -> Finding | None:
    """Whether ids name several rows."""
    return identifiers.check_ids(case.whole)
