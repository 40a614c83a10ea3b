"""Checks of the columns of a table: missing cells, dominant and redundant columns, outliers."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, few
from narrows.core.findings import Finding, percent
from narrows.doctor.case import DataCase
from narrows.fitting.outlying_rows import main_cell, named

MOSTLY, NEARLY = 0.5, 0.8
"""Shares of missing cells that are a warning: of a column, and of a row."""

ALIKE, SAME = 0.99, 0.9999
"""Correlations of columns that are nearly the same, and the same but for rounding."""

COMPARED = 1000
"""Columns whose correlations are computed at the most."""

OUTLYING, IN_FEW = 0.01, 0.5
"""When this share of the rows holds that share of the variance, outliers decide the error."""


def check_missing(case: DataCase) -> Finding | None:
    """Whether cells are missing, and where: columns without any value, mostly empty columns and rows."""
    missing = np.isnan(case.table)
    if not case.columns:
        return check_gaps(case)
    if not missing.any():
        return None
    try:
        case.data.schema.check_training(case.parts.arranged, case.data.name)
    except InputError as error:
        return Finding("missing cells", "error", str(error), "Leave it out with --drop.")
    by_column, nearly = missing.mean(axis=0), np.flatnonzero(missing.mean(axis=1) >= NEARLY)
    most = [i for i in np.argsort(-by_column, kind="stable") if by_column[i] > 0]
    shown = few([f"{case.columns[i]} ({percent(by_column[i])})" for i in most])
    text = f"{percent(missing.mean())} of the cells are missing, by column: {shown}."
    if len(nearly):
        text += f" Rows with hardly any value: {len(nearly):,}, as row {nearly[0]}, counted from 0."
    if by_column.max() < MOSTLY and not len(nearly):
        return Finding("missing cells", "info", text)
    advice = "Choose columns that have most of their values with --columns, and remove rows that have not."
    return Finding("missing cells", "warning", text, advice)


def check_gaps(case: DataCase) -> Finding | None:
    """Whether values of sequences are missing before their ends, and in which channels."""
    named = case.data.schema.channel_names
    if not named or case.values.dtype.kind != "f":
        return None
    try:
        case.data.schema.check_training(case.parts.arranged, case.data.name)
    except InputError as error:
        return Finding("missing cells", "error", str(error), "Choose other columns with --columns.")
    there = ~np.isnan(case.values)
    steps = int(last_observed(there).sum())
    shares = 1 - there.sum(axis=(0, 2)) / max(1, steps)
    if not shares.any():
        return None
    most = [i for i in np.argsort(-shares, kind="stable") if shares[i] > 0]
    shown = few([f"{named[i]} ({percent(shares[i])})" for i in most])
    text = f"{percent(shares.mean())} of the values are missing, by channel: {shown}."
    if shares.max() < MOSTLY:
        return Finding("missing cells", "info", text)
    advice = "Choose channels that have most of their values with --columns."
    return Finding("missing cells", "warning", text, advice)


def last_observed(there: NDArray[np.bool_]) -> NDArray[np.intp]:
    """1 + the last time step of each sequence with a value, `(n,)`; `there` is `(n, channels, time)`."""
    steps = np.arange(1, there.shape[2] + 1)
    return (there.any(axis=1) * steps).max(axis=1)


def check_dominance(case: DataCase) -> Finding | None:
    """Whether one column has most of the variance, as it came."""
    if case.table.shape[1] < 2 or case.constant.all():
        return None
    with np.errstate(all="ignore"):
        found = np.var(np.ma.masked_invalid(case.table), axis=0).filled(0)
    dates = np.array([column.dates is not None for column in case.data.schema.columns])  # their unit is ours
    variance = np.where(case.constant | ~case.ordered | dates, 0.0, found)
    share = variance.max() / max(variance.sum(), 1e-300)
    if not share >= max(MOSTLY, 2 / (1 + (~dates).sum())):
        return None
    name = case.columns[int(variance.argmax())]
    text = f"{name} has {percent(share)} of the variance as it came; scaling gives all columns equal weight."
    return Finding("one column dominates", "info", text)


def check_alike(case: DataCase) -> Finding | None:
    """Whether columns are functions of each other: copies, other units, sums to a constant."""
    pairs = sorted(alike(case), key=lambda pair: -pair[0])
    if not pairs:
        return None
    shown = few([f"{case.columns[i]} and {case.columns[j]} ({r:.4f})" for r, i, j in pairs])
    text = f"Columns of the same content, with their correlation: {shown}."
    if pairs[0][0] < SAME:
        return Finding("repeated columns", "info", text)
    advice = "Leave one of each out with --drop: the error counts them twice."
    return Finding("repeated columns", "warning", text, advice)


def alike(case: DataCase) -> Iterator[tuple[float, int, int]]:
    """Pairs of columns with a correlation of at least `ALIKE` in size."""
    used = np.flatnonzero(~case.constant & case.ordered)[:COMPARED] if len(case.table) > 2 else ()
    if len(used) < 2:
        return
    table = case.table[:, used]
    centred = np.where(np.isnan(table), 0.0, table - np.nanmean(table, axis=0))
    length = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(length > 0, length, 1.0)
    size = np.abs(unit.T @ unit)
    for i, j in zip(*np.nonzero(np.triu(size >= ALIKE, 1)), strict=True):
        yield float(size[i, j]), int(used[i]), int(used[j])


def check_outliers(case: DataCase) -> Finding | None:
    """Whether a few rows hold most of the variance, even after the scaling."""
    if not case.columns or case.choice.scaling.nature == "binary" or len(case.data) < 1 / OUTLYING:
        return None
    scaled = case.scaled(case.data.array).astype(np.float64)
    deviations = scaled - np.nanmean(scaled, axis=0)
    by_row = (np.nan_to_num(deviations) ** 2).sum(axis=1)
    order = np.argsort(-by_row, kind="stable")
    cumulated = np.cumsum(by_row[order]) / max(by_row.sum(), 1e-300)
    n = 1 + int(np.searchsorted(cumulated, IN_FEW))
    if n > math.ceil(OUTLYING * len(by_row)):
        return None
    rows = [named(case.data, int(i), int(i)) + main_cell(case.data, int(i), deviations[i]) for i in order[:n]]
    counted = "" if case.data.ids else ", counted from 0"
    have = f"{n:,} rows have" if n > 1 else "One row has"
    text = f"{have} {percent(cumulated[n - 1])} of the variance: {few(rows)}{counted}."
    advice = "Correct or remove what is wrong there, or store the column as its logarithm."
    return Finding("outliers", "warning", text, advice)
