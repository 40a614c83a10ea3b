"""Whether new rows come from elsewhere than the rows that a run was fitted to.

Each column is compared with the rows that the run keeps: numbers by the largest difference of the
distribution functions (Kolmogorov & Smirnov), words by the largest difference of their shares; missing cells
likewise. A column lies elsewhere if the difference is at least a quarter, and not by chance. Examples without
columns are compared by the mean and the standard deviation of their values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import few
from narrows.core.findings import Finding, percent
from narrows.data.columns import Column
from narrows.data.examples import draw_rows
from narrows.data.schema import Array, Schema
from narrows.evaluation.errors import Floats
from narrows.runs.reference_rows import Reference

MOVED = 0.25
"""The least difference of two distributions, 0 to 1, that is reported; a shift by 0.64 deviations has it."""

CHANCE = 1e-4
"""The largest probability of such a difference by chance, in any column."""

MANY, AT_LEAST = 1 / 3, 10
"""The share of flagged rows, and their number, above which they are reported."""

MOST_ROWS = 2000
"""Rows of either kind that are compared at the most; of more a sample is drawn."""


class Moved(NamedTuple):
    """A column that lies elsewhere: its name, the difference of the distributions, and what has changed."""

    name: str
    difference: float
    change: str


def check_drift(
    kept: Reference, rows: Array, schema: Schema, flagged: NDArray[np.bool_], expect: float
) -> Finding | None:
    """A warning if many rows are flagged, or columns lie elsewhere than in the rows that a run keeps.

    Args:
        kept: the rows of the run.
        rows: new rows `(n, *schema.shape)`, in the unit of the training data.
        schema: of the run.
        flagged: which rows are flagged as anomalies, `(n,)`; empty where none were looked for.
        expect: the share that was to be flagged.
    """
    moved, parts = [f"{name} ({change})" for name, _, change in find_moved(kept, rows, schema)], []
    if flagged.sum() >= AT_LEAST and flagged.mean() > max(MANY, 2 * expect):
        parts.append(f"{percent(float(flagged.mean()))} of the rows are flagged")
    if moved:
        parts.append(f"{few(moved)} {'lies' if len(moved) == 1 else 'lie'} elsewhere than in the training")
    if not parts:
        return None
    text = f"{', and '.join(parts)}: the model and its thresholds speak of rows like those of the training."
    return Finding("drift", "warning", text, "Fit a run to rows like these if they are usual now.")


def find_moved(kept: Reference, rows: Array, schema: Schema) -> list[Moved]:
    """The columns of `rows` that lie elsewhere than in the rows that a run keeps, the furthest first."""
    every = np.concatenate([kept.train, kept.validation, kept.held_out])
    old, new = (each[draw_rows(len(each), MOST_ROWS)] for each in (every, rows))
    columns = schema.columns or summary_columns(schema)
    chance = CHANCE / comparisons(columns)
    if least_difference(len(old), len(new), chance) > 1:
        return []
    before, now = ((cells if schema.columns else summaries)(each) for each in (old, new))
    found = (compared(column, before[:, j], now[:, j], chance) for j, column in enumerate(columns))
    return sorted((each for each in found if each is not None), key=lambda each: -each.difference)


def comparisons(columns: tuple[Column, ...]) -> int:
    """The number of comparisons: one a column of numbers, one a word."""
    return sum(max(1, len(column.levels)) for column in columns)


def cells(rows: Array) -> Floats:
    """The cells of tables, `(n, columns)`."""
    return rows.astype(np.float64)


def summaries(examples: Array) -> Floats:
    """The mean and the standard deviation of the values of each of `examples (n, …)`, `(n, 2)`."""
    values = examples.reshape(len(examples), -1).astype(np.float64)
    return np.column_stack([values.mean(axis=1), values.std(axis=1)])


def summary_columns(schema: Schema) -> tuple[Column, ...]:
    """The columns of `summaries`."""
    return tuple(Column(f"the {what} of the {schema.value_noun}s") for what in ("mean", "standard deviation"))


def compared(column: Column, old: Floats, new: Floats, chance: float) -> Moved | None:
    """What differs in the cells `new (m,)` of a column from the cells `old (n,)`; None if nothing does."""
    missing = np.isnan(old), np.isnan(new)
    before, now = (float(each.mean()) for each in missing)
    if abs(now - before) >= least_difference(len(old), len(new), chance):
        change = f"missing in {percent(now)} of the rows, not {percent(before)}"
        return Moved(column.name, abs(now - before), change)
    old, new = old[~missing[0]], new[~missing[1]]
    if not (len(old) and len(new)):
        return None
    found = of_words(column, old, new) if column.levels else of_numbers(column, old, new)
    return found if found.difference >= least_difference(len(old), len(new), chance) else None


def least_difference(n: int, m: int, chance: float) -> float:
    """The difference of two distributions, of `n` and `m` cells, from which on it is reported.

    A difference d has a probability of at most about 2 exp(-2 d² n m / (n + m)) by chance (Smirnov 1939).
    """
    return max(MOVED, float(np.sqrt(np.log(2 / chance) * (n + m) / (2 * n * m))))


def of_numbers(column: Column, old: Floats, new: Floats) -> Moved:
    """The largest difference of two distribution functions, with the medians."""
    both = np.concatenate([old, new])
    shares = [np.searchsorted(np.sort(each), both, side="right") / len(each) for each in (old, new)]
    medians: Sequence[str] = different(column, float(np.median(new)), float(np.median(old)))
    if column.dates is not None:
        medians = [str(day) for day in column.dates.text(np.array([np.median(new), np.median(old)]))]
    change = f"median {medians[0]}, not {medians[1]}"
    return Moved(column.name, float(np.abs(shares[0] - shares[1]).max()), change)


def different(column: Column, a: float, b: float) -> tuple[str, str]:
    """Two numbers of a column as text, with four digits or as many more as show that they are different.

    >>> different(Column("a"), 1.23456, 9.5), different(Column("a"), 1700000100.0, 1700000200.0)
    (('1.235', '9.5'), ('1,700,000,100', '1,700,000,200'))
    """
    show = column.notation.show
    written = ((show(a, digits), show(b, digits)) for digits in (4, 10, 17))
    return next((pair for pair in written if pair[0] != pair[1]), (show(a), show(b)))


def of_words(column: Column, old: Floats, new: Floats) -> Moved:
    """The largest difference of the share of a word."""
    levels = np.arange(len(column.levels))
    before, now = ((each[:, None] == levels).mean(axis=0) for each in (old, new))
    most = int(np.abs(now - before).argmax())
    change = f"{column.levels[most]} in {percent(now[most])} of the rows, not {percent(before[most])}"
    return Moved(column.name, float(abs(now[most] - before[most])), change)
