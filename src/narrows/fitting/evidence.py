"""The evidence of a run: held-out codes, errors and examples, and reference rows."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.errors import Errors, column_errors
from narrows.evaluation.rounded_codes import at_middle
from narrows.fitting.assessment import Assessment, Reconstructions
from narrows.fitting.parts import SplitData
from narrows.runs.evidence import ColumnErrors, Evidence, Examples
from narrows.runs.reference_recordings import ReferenceRecordings
from narrows.runs.reference_rows import Reference
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled
from narrows.runs.shown_places import ShownPlaces

MOST_CODES, MOST_CODE_VALUES = 300_000, 5_000_000
"""The largest number of held-out codes that are kept, and of their values."""

MOST_ORIGINAL_BYTES = 8_000_000
"""The largest size of the held-out examples that are kept."""


MOST_READ = 2**32
"""The size of a scan in bytes up to which all of it is read once more, for its picture."""


def evidence(run: Run, parts: SplitData, assessment: Assessment) -> Evidence:
    """The arrays for the report, the doctor and anomaly scores."""
    data, held_out, unit = parts.held_out, assessment.rows.held_out, run.scaling.unit
    rows, kept = drawn_rows(run, data)
    labels, names = (None, ()) if data.labels is None else coded(data.labels[rows])
    each = shown(run.schema.size * data.source.dtype.itemsize)
    best, median, worst = (examples(run, data, assessment, index) for index in shown_rows(assessment, each))
    theirs = assessment.compared.yardstick
    return Evidence(
        rows=rows,
        errors=assessment.compared.ours.per_value[rows] * unit,
        pca_errors=None if theirs is None else theirs.per_value[rows] * unit,
        best=best,
        median=median,
        worst=worst,
        ids=tuple(data.ids[i] for i in rows) if data.ids else (),
        numbers=parts.numbers[rows],
        labels=labels,
        label_names=names,
        codes=None if run.model.bypassed else run.encode(held_out.rows(rows)),
        poses=shown_poses(run, held_out.rows(rows)),
        kept=kept,
        originals=data.array[rows[kept]],
        means=None if assessment.mean is None else by_channel(run, assessment.mean),
        by_column=by_column(run, assessment.reconstructions),
        residual=assessment.measured.residual,
        nats=assessment.measured.nats,
        used=assessment.measured.used,
        meaning=assessment.meaning,
        reference=Reference.draw(parts.data, parts.index.train, parts.index.validation, data),
        recordings=ReferenceRecordings.draw(parts.data, parts.index),
        places=shown_places(run, parts, parts.numbers[rows]),
    )


def shown_poses(run: Run, rows: Scaled) -> Array | None:
    """The numbers of the pose of each row, `(n, names)`; None for a model that does not find them."""
    found = run.poses(rows)
    return np.stack([*found.values()], axis=1).astype(np.float32) if found else None


def shown_places(run: Run, parts: SplitData, held_out: Array) -> ShownPlaces | None:
    """The places of a scan with their codes; None for other data, and scans of `MOST_READ` bytes and more.

    Args:
        run: whose codes they are.
        parts: its data.
        held_out: the numbers of the held-out examples that the run keeps.
    """
    data = parts.data
    size = prod(data.source.shape) * data.source.dtype.itemsize
    if data.scan is None or run.model.bypassed or size >= MOST_READ:
        return None
    of_scan = held_out if data.test is None else np.full(len(held_out), -1)
    return ShownPlaces.draw(data.scan, run.encode(data.source), of_scan)


def drawn_rows(run: Run, held_out: Data) -> tuple[Index, Index]:
    """The numbers of the held-out rows whose codes are kept, and the indices of those kept as examples."""
    rng = np.random.default_rng(0)
    rows = np.sort(
        rng.permutation(len(held_out))[: max(1, min(MOST_CODES, MOST_CODE_VALUES // run.model.code_size))]
    )
    size = max(1, held_out.array[:1].nbytes)
    return rows, np.sort(rng.permutation(len(rows))[: max(1, MOST_ORIGINAL_BYTES // size)])


def shown(size: int) -> int:
    """How many examples of `size` bytes are kept of those with the smallest, median and largest errors each.

    >>> shown(28 * 28), shown(1024 * 1024 * 3)
    (6, 3)
    """
    return 6 if 6 * size <= MOST_ORIGINAL_BYTES else 3


def shown_rows(assessment: Assessment, each: int) -> Iterable[Array]:
    """The numbers of the held-out rows that are shown: `each` of the best, in the middle, and of the worst.

    Of a model that is judged by bytes they are among those that were measured, in the order of their errors
    there.
    """
    if assessment.rates is None:
        return extremes(assessment.compared.ours, each)
    rows, errors = assessment.rates.rows, assessment.rates.errors
    return (rows[i] for i in extremes(Errors(errors, np.ones(len(rows))), each))


def extremes(ours: Errors, each: int = 6) -> tuple[Array, Array, Array]:
    """The numbers of `each` rows with the smallest errors, around the median, and with the largest errors."""
    order = np.argsort(ours.per_value, kind="stable")
    first = max(0, len(order) // 2 - each // 2)
    return order[:each], order[first : first + each], order[::-1][:each]


def examples(run: Run, data: Data, assessment: Assessment, index: Index) -> Examples:
    """The held-out rows with the numbers `index`, and their reconstructions, in the data's dtype.

    Those of a model that is judged by bytes are of the code rounded for the quality in the middle.
    """
    originals = data.array[index]
    if assessment.rates is not None:
        return Examples(index, originals, at_middle(run, assessment.rows.held_out.rows(index)))
    if run.blind or not run.restoring:
        return Examples(index, originals, run.reconstruct(assessment.rows.held_out.rows(index)))
    made = assessment.reconstructions
    restored, seen = (run.unscaled(rows[index], made.x[index]) for rows in (made.ours, made.seen))
    return Examples(index, originals, restored, seen)


def by_channel(run: Run, mean: Array) -> Array:
    """The average `(channels,)` of the mean `(values,)` of the training part."""
    return mean.reshape(run.schema.model_shape[0], -1).mean(axis=1).astype(np.float32)


def by_column(run: Run, made: Reconstructions) -> ColumnErrors | None:
    """The errors by column of a table; None for other data, or without PCA."""
    starts = run.schema.starts
    if starts is None or made.pca is None or made.mean is None:
        return None
    return ColumnErrors(*(column_errors(made.x, each, starts) for each in (made.ours, made.pca, made.mean)))


def coded(labels: Array) -> tuple[Array, tuple[str, ...]]:
    """Labels as numbers `(n,)`, and the words that they index; no words for labels that are numbers."""
    if labels.dtype.kind in "buif":
        return labels.astype(np.float64), ()
    names, codes = np.unique(labels, return_inverse=True)
    return codes.astype(np.float64), tuple(names.tolist())
