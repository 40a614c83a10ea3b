"""What `narrows doctor` says of data before anything is trained: what is ill, and what to do."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.core.errors import InputError, few, show
from narrows.core.findings import Finding, percent
from narrows.core.memory import machine_memory
from narrows.data.examples import Data
from narrows.data.scaling import Choice
from narrows.data.schema import Array
from narrows.data.split import Parts, size_of_part, split
from narrows.evaluation.near_duplicates import Copies
from narrows.evaluation.verdict import FEWEST
from narrows.fitting.checks import copies_across
from narrows.fitting.choices import resolve
from narrows.model.build import build, count_weights
from narrows.training.batches import Rows
from narrows.training.devices import pick_device
from narrows.training.loop import train
from narrows.training.options import Training

REPEATED = 0.01
"""The share of rows that are another's equal from which on it is a warning."""

TELLING = 10
"""A table with more values in a column than this does not repeat its rows by chance."""

OUTLYING, IN_FEW = 0.01, 0.5
"""When this share of the rows holds that share of the variance, outliers rule the error."""

NARROW = 0.25
"""The share of the pixels' range, of that which becomes 0 to 1, below which they are squeezed."""

ALIKE, SAME = 0.99, 0.9999
"""Correlations of columns that say the same, nearly and but for rounding."""

MOSTLY, NEARLY = 0.5, 0.8
"""Shares of missing cells: of a column, and of a row that is nearly empty."""

COMPARED = 1000
"""Columns whose correlations are looked at at the most."""

STEPS, ROUNDS, ENOUGH, PATIENCE = 4, 20, 4, 5.0
"""Training steps that are timed, how often at the most, and how often at the least once the seconds of
patience are over."""

LONG = 7200.0
"""Seconds that are worth a warning."""


class Patient:
    """Data, with what several checks need to know of them, each computed when it is asked for.

    Of data on disk the checks look at the rows that fit into memory, but count all.
    """

    def __init__(self, data: Data) -> None:
        self.whole, self.data = data, data.drawn()

    @cached_property
    def values(self) -> Array:
        """In the model's layout."""
        return self.data.schema.arrange(self.data.array)

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """The cells as numbers, `(n, columns)`; no rows where the data are no table."""
        if self.data.schema.kind != "table":
            return np.empty((0, 0))
        return self.data.array.astype(np.float64)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `table`."""
        return self.data.schema.names

    @cached_property
    def ordered(self) -> NDArray[np.bool_]:
        """Which columns of `table` are numbers or booleans, and no categories."""
        return np.array([column.nature != "category" for column in self.data.schema.columns])

    @cached_property
    def constant(self) -> NDArray[np.bool_]:
        """Which values of an example are the same in every row that has them."""
        rows = self.data.array.reshape(len(self.data), -1)
        low, high = np.fmin.reduce(rows, axis=0), np.fmax.reduce(rows, axis=0)
        return np.asarray(low == high)

    @cached_property
    def parts(self) -> Parts:
        """As `fit` would cut them."""
        return split(len(self.data), seed=0, own_test=self.data.test is not None, groups=self.data.groups)

    @cached_property
    def choice(self) -> Choice:
        """As `fit` would choose."""
        return self.data.schema.choose(self.values[self.parts.train])

    @cached_property
    def spec(self) -> dict[str, Any]:
        """Of the model that `fit` would train."""
        return resolve("autoencoder", self.data, self.choice, None, {})[0]

    @cached_property
    def copies(self) -> Copies:
        return copies_across(self.scaled, self.data, self.parts)

    def scaled(self, values: Array) -> Array:
        """`values` on the model's scale, one flat row per example; NaN where a cell is missing."""
        rows = Rows(self.data.schema.arrange(values), self.choice.scaling, collate=self.data.schema.collate)
        batches = (batch for batch in rows.batches(1000))
        return np.concatenate([torch.where(b.observed(), b.x, torch.nan).flatten(1).numpy() for b in batches])


def examine(data: Data) -> list[Finding]:
    """What the checks find in `data`, one after the other up to the first error."""
    patient, found = Patient(data), []
    for check in CHECKS.values():
        finding = check(patient)
        if finding is not None:
            found.append(finding)
            if finding.severity == "error":
                break
    return found


def check_reading(patient: Patient) -> Finding:
    """What the reader saw."""
    data = patient.whole
    low, high = np.fmin.reduce(patient.data.array, axis=None), np.fmax.reduce(patient.data.array, axis=None)
    what = "images of" if data.schema.kind == "images" else "rows of"
    shape = f"{show(data.schema.shape)}{'' if data.schema.kind == 'images' else ' columns'}"
    text = f"{len(data):,} {what} {shape} ({data.schema.dtype}), {low:g} to {high:g}."
    return Finding("reading", "info", " ".join([text, *data.notes]))


def check_rows(patient: Patient) -> Finding:
    """Whether there are enough rows, or groups, to train, choose and judge."""
    data = patient.whole
    units = len(data) if data.groups is None else len(np.unique(data.groups))
    what = "rows" if data.groups is None else "groups"
    more = "A fit can be used all the same, but whether it beats PCA needs more data."
    try:
        held_out = size_of_part(units) if data.test is None else len(data.test)
        split(len(data), seed=0, own_test=data.test is not None, groups=data.groups)
    except InputError as error:
        return Finding("rows", "error", str(error), "Gather more of them.")
    text = f"{held_out:,} {what} of {units:,} will be held out"
    if data.test is not None:
        text = f"The set's own test part of {held_out:,} {what} will be held out"
    if held_out < FEWEST:
        return Finding("rows", "warning", f"{text}, but a verdict needs {FEWEST}.", more)
    return Finding("rows", "info", f"{text} for the verdict.")


def check_repeated(patient: Patient) -> Finding | None:
    """Whether rows are another's equal, value by value."""
    first: dict[bytes, int] = {}
    pairs = []
    for i, row in enumerate(patient.data.array):
        earlier = first.setdefault(hashlib.blake2b(row.tobytes(), digest_size=16).digest(), i)
        if earlier != i:
            pairs.append((earlier, i))
    if not pairs:
        return None
    share, (one, other) = len(pairs) / len(patient.data), pairs[0]
    evidence = (
        f"{percent(share)} of the rows ({len(pairs):,}) are the same as an earlier one, as row {other} as "
        f"row {one}, counted from 0."
    )
    if share < REPEATED or patient.data.groups is not None or repeats_by_chance(patient):
        return Finding("repeated rows", "info", evidence)
    advice = "Remove them, or keep them in one part with --groups, unless each was measured anew."
    return Finding("repeated rows", "warning", evidence, advice)


def repeats_by_chance(patient: Patient) -> bool:
    """Whether the columns of a table have so few values that rows meet."""
    if patient.data.schema.kind != "table":
        return False
    return all(len(np.unique(column)) <= TELLING for column in patient.table.T)


def check_constant(patient: Patient) -> Finding | None:
    """Whether columns or pixels never change."""
    constant = patient.constant
    if not constant.any():
        return None
    if constant.all():
        advice = "There is nothing to learn; look at how the data were written."
        return Finding("constant", "error", "Every value is the same in all rows.", advice)
    if patient.data.schema.kind == "images":
        share = percent(constant.mean())
        return Finding("constant", "info", f"{share} of the pixels never change, as in a margin.")
    names = few([patient.columns[i] for i in np.flatnonzero(constant)])
    text = f"{constant.sum():,} of {len(constant):,} columns never change: {names}."
    return Finding(
        "constant", "warning", text, "Choose the others with --columns: these come back unlearned."
    )


def check_missing(patient: Patient) -> Finding | None:
    """Whether cells are missing, and where: columns without any, mostly empty columns and rows."""
    missing = np.isnan(patient.table)
    if not missing.any():
        return None
    try:
        patient.data.schema.check_training(patient.values[patient.parts.train], patient.data.name)
    except InputError as error:
        return Finding("missing", "error", str(error), "Choose the others with --columns.")
    by_column, nearly = missing.mean(axis=0), np.flatnonzero(missing.mean(axis=1) >= NEARLY)
    order = np.argsort(-by_column, kind="stable")
    most = [f"{patient.columns[i]} ({percent(by_column[i])})" for i in order if by_column[i] > 0]
    text = f"{percent(missing.mean())} of the cells are missing, by column: {few(most)}."
    if len(nearly):
        text += f" Rows with hardly any value: {len(nearly):,}, as row {nearly[0]}, counted from 0."
    if by_column.max() >= MOSTLY or len(nearly):
        advice = "Choose columns that are mostly there with --columns, and remove rows that are not."
        return Finding("missing", "warning", text, advice)
    return Finding("missing", "info", text)


def check_dominance(patient: Patient) -> Finding | None:
    """Whether one column has most of the variance, as it came."""
    table = patient.table
    if table.shape[1] < 2 or patient.constant.all():
        return None
    with np.errstate(all="ignore"):
        variance = np.where(
            patient.constant | ~patient.ordered, 0.0, np.var(np.ma.masked_invalid(table), axis=0).filled(0)
        )
    share, column = variance.max() / max(variance.sum(), 1e-300), int(variance.argmax())
    if not share >= 2 / (1 + len(variance)) or share < MOSTLY:
        return None
    name = patient.columns[column]
    text = f"{name} has {percent(share)} of the variance as it came; scaling gives every column its say."
    return Finding("dominance", "info", text)


def check_alike(patient: Patient) -> Finding | None:
    """Whether columns are functions of each other: copies, other units, sums to a constant."""
    pairs = sorted(alike(patient), key=lambda pair: -pair[0])
    if not pairs:
        return None
    shown = few([f"{patient.columns[i]} and {patient.columns[j]} ({r:.4f})" for r, i, j in pairs])
    text = f"Columns of the same content, with their correlation: {shown}."
    if pairs[0][0] < SAME:
        return Finding("alike", "info", text)
    advice = "Leave one of each out with --columns: the error counts them twice."
    return Finding("alike", "warning", text, advice)


def alike(patient: Patient) -> Iterator[tuple[float, int, int]]:
    """Pairs of columns with a correlation of at least `ALIKE`, in size."""
    used = np.empty(0, np.intp)
    if len(patient.table) > 2:
        used = np.flatnonzero(~patient.constant & patient.ordered)[:COMPARED]
    table = patient.table[:, used] if len(used) > 1 else np.empty((0, 0))
    if not table.size:
        return
    mean = np.nanmean(table, axis=0)
    centred = np.where(np.isnan(table), 0.0, table - mean)
    length = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(length > 0, length, 1.0)
    size = np.abs(unit.T @ unit)
    for i, j in zip(*np.nonzero(np.triu(size >= ALIKE, 1)), strict=True):
        yield float(size[i, j]), int(used[i]), int(used[j])


def check_scaling(patient: Patient) -> Finding:
    """The scaling and the loss, and whether the values fill the range they are given."""
    choice = patient.choice
    loss = choice.losses["error"]["name"]
    text = " ".join(choice.why)
    scaling = choice.scaling
    if scaling.nature in ("grey", "bounded"):
        bottom, top = float(scaling.floor), float(scaling.ceiling)
        low, high = np.quantile(sample(patient.values), [0.001, 0.999])
        if high - low < NARROW * (top - bottom):
            text += f" But 99.8 % of the pixels lie between {low:g} and {high:g}."
            advice = "Stretch or clip them to the range they use, or take --set loss.name=squared."
            return Finding("scaling", "warning", text, advice)
    return Finding("scaling", "info", f"{text} (scaling {choice.name}, loss {loss})")


def sample(values: Array) -> Array:
    """At most a million of `values`."""
    flat = values.reshape(-1)
    return flat[:: max(1, len(flat) // 10**6)]


def check_outliers(patient: Patient) -> Finding | None:
    """Whether a few rows hold most of what is to be learned, even after the scaling."""
    if patient.data.schema.kind != "table" or patient.choice.scaling.nature == "binary":
        return None
    scaled = patient.scaled(patient.data.array).astype(np.float64)
    squares = np.nan_to_num(scaled - np.nanmean(scaled, axis=0)) ** 2
    by_row = squares.sum(axis=1)
    most = math.ceil(OUTLYING * len(by_row))
    order = np.argsort(-by_row, kind="stable")
    share = by_row[order[:most]].sum() / max(by_row.sum(), 1e-300)
    if share < IN_FEW or len(by_row) < 1 / OUTLYING:
        return None
    column = patient.data.schema.value_columns[int(squares[order[0]].argmax())].name
    text = (
        f"{most:,} rows have {percent(share)} of the variance, the first of them row {order[0]} for its "
        f"{column}, counted from 0."
    )
    advice = "Correct or remove what is wrong there, or store the column as its logarithm."
    return Finding("outliers", "warning", text, advice)


def check_copies(patient: Patient) -> Finding | None:
    """Whether training would have all but seen the held-out rows."""
    return patient.copies.near_copies


def check_order(patient: Patient) -> Finding | None:
    """Whether rows that follow each other are alike."""
    return patient.copies.order


def check_memory(patient: Patient) -> Finding:
    """Whether data, model and training fit into the machine's memory."""
    numbers = patient.data.array.size
    weights = count_weights(patient.spec, patient.data.schema.domain(patient.choice.scaling))
    # As they came and for training; on the model's scale for PCA, and centred by it.
    needed, there = 2 * patient.data.array.nbytes + 3 * 4 * numbers + 16 * weights, machine_memory()
    text = f"A fit takes about {needed / 2**30:.2g} GiB: {weights:,} weights, {numbers:,} values."
    if needed <= there / 2:
        return Finding("memory", "info", text)
    advice = "Take fewer rows, smaller images (--resize) or fewer columns (--columns)."
    return Finding("memory", "warning", f"{text} This machine has {there / 2**30:.2g} GiB.", advice)


def check_time(patient: Patient) -> Finding:
    """How long a fit would take, from a few real steps."""
    n = len(patient.parts.train) * len(patient.whole) // len(patient.data)
    how = Training().sized_for(n)
    assert how.epochs is not None
    assert how.batch_size is not None
    steps = how.epochs * math.ceil(n / how.batch_size)
    seconds = steps * seconds_per_step(patient, how.batch_size)
    text = f"About {spoken(seconds)} for {how.epochs} epochs, and at most as long again for the verdict."
    if seconds < LONG:
        return Finding("time", "info", text)
    advice = "Try --epochs 10 first, take smaller images (--resize), or a machine with a GPU."
    return Finding("time", "warning", text, advice)


def seconds_per_step(patient: Patient, batch_size: int) -> float:
    """The time of a training step of the default model, the least of a few rounds.

    The first round is slower by what is set up in it, and others by whatever else the machine does.
    """
    some = patient.values[patient.parts.train[: STEPS * batch_size]]
    device = pick_device("auto", patient.choice.scaling.precision)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        objective = build(patient.spec, patient.data.schema.domain(patient.choice.scaling)).to(device)
        rows = Rows(some, patient.choice.scaling.to(device), device)
        checked = Rows(some[:2], patient.choice.scaling, device)
        times = [0.0]
        for epoch in train(objective, rows, checked, Training(epochs=ROUNDS, batch_size=batch_size)):
            times.append(epoch.seconds)
            if epoch.seconds > PATIENCE and epoch.number >= ENOUGH:
                break
    patient.choice.scaling.to("cpu")
    return float(np.diff(times).min()) / math.ceil(len(some) / batch_size)


def spoken(seconds: float) -> str:
    """A length of time in the unit that people would use.

    >>> spoken(4.2), spoken(200), spoken(9000)
    ('4 seconds', '3 minutes', '2.5 hours')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


Check = Callable[[Patient], Finding | None]

CHECKS: dict[str, Check] = {
    "reading": check_reading,
    "rows": check_rows,
    "missing": check_missing,
    "constant": check_constant,
    "repeated rows": check_repeated,
    "dominance": check_dominance,
    "alike": check_alike,
    "scaling": check_scaling,
    "outliers": check_outliers,
    "near-copies": check_copies,
    "order": check_order,
    "memory": check_memory,
    "time": check_time,
}
"""Every check, in an order in which each may rely on those before it having found no error."""
