"""Features of nodes from the columns of a table, by the rules of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse

from narrows.core.errors import InputError, few
from narrows.data.columns import Array, Column
from narrows.data.graphs.feature_columns import FeatureColumns
from narrows.data.kinds.table import TableSchema
from narrows.data.tables.many_words import about_text
from narrows.data.tables.table import Table, free_text


class Features(NamedTuple):
    """The features of the rows of a table.

    Attributes:
        values: `(n, features)` without NaN; None if there are none.
        columns: that they are made of.
        notes: sentences about how the columns were read.
        warnings: sentences about cells that are missing, and columns that were left out.
    """

    values: Array | sparse.spmatrix | None = None
    columns: FeatureColumns | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each feature."""
        return () if self.columns is None else self.columns.names


NONE = Features()
"""Of nodes without features."""


def features_in(table: Table, names: Sequence[str], *, all_wanted: bool = False) -> Features:
    """The features in the columns `names` of a table; text that hardly repeats is left out.

    Args:
        table: of nodes.
        names: the columns.
        all_wanted: whether no column may be left out.

    Raises:
        InputError: for text in a column of numbers, and for a column without any cell.
    """
    free = {} if all_wanted else {name: count for name in names if (count := free_text(table[name]))}
    used = [name for name in names if name not in free]
    rows = len(next(iter(table.columns.values())).values)
    left = (about_text(table.file, free, rows),) if free else ()
    if not used:
        note = f"{table.file} has no features of nodes: the model tells them apart by their edges."
        return Features(notes=(note,), warnings=left)
    read = table.read(used, all_wanted=all_wanted)
    check_infinite(read.values, read.columns, table)
    empty = [column.name for column, gap in zip(read.columns, gaps(read.values), strict=True) if gap == rows]
    if empty:
        raise InputError(
            f"The column {empty[0]!r} of {table.file} has no value in its {rows:,} rows; leave it out."
        )
    columns = FeatureColumns(read.columns, usual(read.values, read.columns))
    features = columns.filled(widened(read.values, read.columns))
    lacking = about_gaps(read.values, read.columns, table.file)
    named = [f"{c.name} ({len(c.levels)} words)" if c.levels else c.name for c in read.columns]
    notes = (f"Features of {table.file}: {few(named)}.", *read.notes)
    return Features(features, columns, notes, (*left, *read.warnings, *lacking))


def known_features(table: Table, known: FeatureColumns) -> Features:
    """The features in the columns of a table that a model was fitted to.

    Raises:
        InputError: for a column that is not there, or holds text in place of numbers.
    """
    found = table.read_as(known.columns)
    values = found.used_as("missing")
    check_infinite(values, known.columns, table)
    said = (*found.warnings(table.file, "missing"), *about_gaps(values, known.columns, table.file))
    return Features(known.filled(widened(values, known.columns)), known, warnings=said)


def check_infinite(values: Array, columns: Sequence[Column], table: Table) -> None:
    """Refuse cells `(n, columns)` that are infinite.

    Raises:
        InputError: with the place of the first one.
    """
    rows, places = np.nonzero(np.isinf(values))
    if len(rows):
        raise InputError(
            f"{table.place(int(rows[0]))} has an infinite number in column {columns[places[0]].name!r}; "
            f"correct it, or leave the cell empty."
        )


def widened(values: Array, columns: tuple[Column, ...]) -> Array:
    """Cells `(n, columns)` as features `(n, features)`: words are one-hot, NaN where a cell is missing."""
    return TableSchema.of(values.shape[1:], "float64", columns).arrange(values.astype(np.float64))


def usual(values: Array, columns: tuple[Column, ...]) -> tuple[float, ...]:
    """The features of a usual node: the means of numbers and dates, and the most frequent words."""
    means = np.nanmean(widened(values, columns), axis=0)
    each = zip(values.T, columns, strict=True)
    common = [most_frequent(codes) if column.levels else np.nanmean(codes) for codes, column in each]
    words = widened(np.array([common]), columns)[0]
    schema = TableSchema.of((len(columns),), "float64", columns)
    of_words = [bool(column.levels) for column in schema.value_columns]
    return tuple(np.where(of_words, words, means).tolist())


def most_frequent(codes: Array) -> float:
    """The most frequent of `codes (n,)` that are not NaN, the smallest of several."""
    levels, counts = np.unique(codes[~np.isnan(codes)], return_counts=True)
    return float(levels[counts.argmax()])


def gaps(values: Array) -> list[int]:
    """The number of missing cells in each column of `values (n, columns)`."""
    return np.isnan(values).sum(axis=0).tolist()


def about_gaps(values: Array, columns: Sequence[Column], file: str) -> tuple[str, ...]:
    """A sentence about missing cells, if there are any."""
    named = [f"{c.name} ({gap:,})" for c, gap in zip(columns, gaps(values), strict=True) if gap]
    counts = "count as the mean, or the most frequent word, of their column"
    return (f"Missing cells of {file} {counts}: {few(named)}.",) if named else ()
