"""What a run keeps of its assessment: held-out codes, errors and examples, and reference rows."""

from __future__ import annotations

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.errors import Errors, column_errors
from narrows.fitting.assessment import Assessment, Guesses
from narrows.fitting.parts import SplitData
from narrows.runs.evidence import ColumnErrors, Evidence, Examples
from narrows.runs.reference_rows import Reference
from narrows.runs.run import Run

SHOWN, NUMBERS = 300_000, 5_000_000
"""Held-out codes that are kept at the most, and numbers in them."""

ORIGINALS = 8_000_000
"""Bytes of held-out examples that are kept at the most."""


def evidence(run: Run, parts: SplitData, found: Assessment) -> Evidence:
    """The arrays that the report and the doctor show."""
    data, held_out, unit = parts.held_out, found.rows.held_out, run.scaling.unit
    rows, kept = drawn_rows(run, data)
    labels, names = (None, ()) if data.labels is None else coded(data.labels[rows])
    best, median, worst = (examples(run, data, found, index) for index in extremes(found.compared.ours))
    theirs = found.compared.pca
    return Evidence(
        rows=rows,
        errors=found.compared.ours.per_value[rows] * unit,
        pca_errors=None if theirs is None else theirs.per_value[rows] * unit,
        best=best,
        median=median,
        worst=worst,
        ids=tuple(data.ids[i] for i in rows) if data.ids else (),
        numbers=parts.numbers[rows],
        labels=labels,
        label_names=names,
        codes=None if run.model.bypassed else run.encode(held_out.rows(rows)),
        kept=kept,
        originals=data.array[rows[kept]],
        means=None if found.pca is None else by_channel(run, found.pca.mean),
        by_column=by_column(run, found.guesses),
        residual=found.measured.residual,
        nats=found.measured.nats,
        used=found.measured.used,
        meaning=found.meaning,
        reference=Reference.draw(parts.data, parts.index.train, parts.index.validation, data),
    )


def drawn_rows(run: Run, held_out: Data) -> tuple[Index, Index]:
    """The held-out rows whose codes are kept, and which of these are kept as they came."""
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(held_out))[: max(1, min(SHOWN, NUMBERS // run.model.code_size))])
    size = max(1, held_out.array[:1].nbytes)
    return rows, np.sort(rng.permutation(len(rows))[: max(1, ORIGINALS // size)])


def extremes(ours: Errors) -> tuple[Array, Array, Array]:
    """Six rows each with the smallest errors, around the median, and with the largest."""
    order = np.argsort(ours.per_value, kind="stable")
    middle = len(order) // 2
    return order[:6], order[max(0, middle - 3) : middle + 3], order[::-1][:6]


def examples(run: Run, data: Data, found: Assessment, index: Index) -> Examples:
    """The held-out rows at `index` with what the model makes of them, as the data came."""
    originals = data.array[index]
    if not run.model.bypassed:
        return Examples(index, originals, run.reconstruct(found.rows.held_out.rows(index)))
    restored, seen = (run.unscaled(rows[index]) for rows in (found.guesses.ours, found.guesses.seen))
    return Examples(index, originals, restored, seen)


def by_channel(run: Run, mean: Array) -> Array:
    """The mean `(values,)` of the training part by channel, `(channels,)`."""
    return mean.reshape(run.schema.model_shape[0], -1).mean(axis=1).astype(np.float32)


def by_column(run: Run, guesses: Guesses) -> ColumnErrors | None:
    """The errors by column, of a table that has a yardstick."""
    starts = run.schema.starts
    if starts is None or guesses.pca is None or guesses.mean is None:
        return None
    compared = (guesses.ours, guesses.pca, guesses.mean)
    return ColumnErrors(*(column_errors(guesses.x, guess, starts) for guess in compared))


def coded(labels: Array) -> tuple[Array, tuple[str, ...]]:
    """Labels as numbers, and the words that these stand for; none where labels are numbers."""
    if labels.dtype.kind in "buif":
        return labels.astype(np.float64), ()
    names, codes = np.unique(labels, return_inverse=True)
    return codes.astype(np.float64), tuple(names.tolist())
