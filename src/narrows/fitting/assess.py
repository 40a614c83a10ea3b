"""Judge a fitted run on held-out data, and keep what the report shows of it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.diagnostics import measure
from narrows.evaluation.errors import Errors, column_errors, errors
from narrows.evaluation.latent_dimensions import meanings
from narrows.evaluation.pca import RESTORING, WIDEST, Pca
from narrows.evaluation.surrogate_data import surrogate_ratio
from narrows.evaluation.verdict import Verdict, judge
from narrows.fitting.parts import SplitData
from narrows.runs.evidence import ColumnErrors, Evidence, Examples
from narrows.runs.reference_rows import Reference
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled
from narrows.training.options import Training

SMALL = 2_000_000
"""Numbers in a training part up to which a gain is always measured on surrogate data, too; of larger ones
only if it is less than half, because that takes as long as the training."""

SHOWN, NUMBERS = 300_000, 5_000_000
"""Held-out codes that are kept at the most, and numbers in them."""

ORIGINALS = 8_000_000
"""Bytes of held-out examples that are kept at the most."""


class ScaledParts(NamedTuple):
    """The rows that a run is measured on, scaled once."""

    train: Scaled
    held_out: Scaled


class Guesses(NamedTuple):
    """Held-out rows and what is made of them, `(n, values)` each, on the model's scale.

    Attributes:
        x: the rows; NaN where a cell is missing.
        seen: what the model and PCA were given of them.
        ours: of the model.
        pca: of PCA; None for data that have none.
        mean: the training mean; None for data that have none.
    """

    x: Array
    seen: Array
    ours: Array
    pca: Array | None
    mean: Array | None


class Compared(NamedTuple):
    """The errors of the guesses."""

    ours: Errors
    pca: Errors | None
    mean: Errors | None

    def times(self, unit: float) -> Compared:
        """The same errors in another unit."""
        others = (None if found is None else found.times(unit) for found in (self.pca, self.mean))
        return Compared(self.ours.times(unit), *others)


def assess(run: Run, parts: SplitData, how: Training, *, begun: bool = False) -> None:
    """Measure the run on held-out data and keep what the report will show of it.

    With `begun` the first weights may have been fitted to the held-out rows.
    """
    rows = ScaledParts(run.scaler.prepare(parts.train.array), run.scaler.prepare(parts.held_out.array))
    pca = yardstick(run, rows.train, parts)
    guesses = guess(run, rows.held_out, pca)
    compared = compare(run, guesses)
    verdict = decide(run, rows.train, compared, parts.held_out.groups, how, begun)
    measured = measure(run, *rows, pca, compared.ours)
    run.metrics = {**verdict.to_metrics(), "symptoms": measured.symptoms.to_json()}
    run.evidence = replace(
        examples_and_codes(run, parts, rows.held_out, guesses, compared),
        means=None if pca is None else by_channel(run, pca.mean),
        by_column=by_column(run, guesses),
        residual=measured.residual,
        nats=measured.nats,
        used=measured.used,
        meaning=meanings(run, rows.held_out),
        reference=Reference.draw(parts.data, parts.index.train, parts.index.validation, parts.held_out),
    )


def yardstick(run: Run, train: Scaled, parts: SplitData) -> Pca | None:
    """PCA with as many components as the code has dimensions, or the linear filter that restores best.

    The filter where the model is judged by what it restores of corrupted rows.
    """
    if run.model.bypassed:
        return Pca.fit(train.flat, RESTORING).restoring(train.flat, run.corrupted(train))
    if parts.data.source.in_memory or train.flat.shape[1] > WIDEST:
        return Pca.fit(train.flat, run.model.code_size)
    blocks = (run.scaled(block) for block in parts.training_blocks())
    return Pca.fit_blocks(blocks, run.model.code_size, np.nanmean(train.flat, axis=0))


def guess(run: Run, held_out: Scaled, pca: Pca | None) -> Guesses:
    """What the model and its yardsticks make of the held-out rows.

    A model whose output does not follow from a code alone is judged by what it restores of corrupted rows.
    """
    x = held_out.flat
    seen = run.corrupted(held_out) if run.model.bypassed else x
    ours = run.restored(held_out) if run.model.bypassed else run.reconstruct_scaled(held_out)
    if pca is None:
        return Guesses(x, seen, ours, None, None)
    return Guesses(x, seen, ours, pca.reconstruct(seen), np.broadcast_to(pca.mean, x.shape))


def compare(run: Run, guesses: Guesses) -> Compared:
    """The errors of each of the guesses."""

    def of(guess: Array) -> Errors:
        return errors(guesses.x, guess, run.schema.starts)

    others = (None if guess is None else of(guess) for guess in (guesses.pca, guesses.mean))
    return Compared(of(guesses.ours), *others)


def decide(
    run: Run, train: Scaled, compared: Compared, groups: Array | None, how: Training, begun: bool
) -> Verdict:
    """The verdict; a gain that could mean nothing is first measured on data without structure."""
    found = compared.times(run.scaling.unit)
    verdict = judge(*found, groups=groups, seen=begun)
    if verdict.outcome != "beats" or not worth_checking(run, train, verdict):
        return verdict
    domain = run.schema.domain(run.scaling)
    bar = surrogate_ratio(run.config["spec"], domain, train.flat, how, run.config["seed"], run.own)
    return judge(*found, groups=groups, surrogate_ratio=bar)


def worth_checking(run: Run, train: Scaled, verdict: Verdict) -> bool:
    """Whether a gain could mean nothing, and there is time to measure that.

    A gain over the best linear filter always means something: on data without structure no model restores
    better.
    """
    modest = verdict.mse > 0.5 * (verdict.yardstick_mse or 0.0)
    long = train.flat.size > SMALL and not modest
    return not (run.model.bypassed or long or run.interrupted)


def examples_and_codes(
    run: Run, parts: SplitData, held_out: Scaled, guesses: Guesses, compared: Compared
) -> Evidence:
    """Held-out codes and errors, and the examples that were reconstructed best, middling and worst."""
    data, unit = parts.held_out, run.scaling.unit
    rows, kept = drawn_rows(run, data)
    labels, names = (None, ()) if data.labels is None else coded(data.labels[rows])
    best, median, worst = (examples(run, data, held_out, guesses, index) for index in extremes(compared.ours))
    return Evidence(
        rows=rows,
        errors=compared.ours.per_value[rows] * unit,
        pca_errors=None if compared.pca is None else compared.pca.per_value[rows] * unit,
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


def examples(run: Run, data: Data, held_out: Scaled, guesses: Guesses, index: Index) -> Examples:
    """The held-out rows at `index` with what the model makes of them, as the data came."""
    originals = data.array[index]
    if not run.model.bypassed:
        return Examples(index, originals, run.reconstruct(held_out.rows(index)))
    return Examples(index, originals, run.unscaled(guesses.ours[index]), run.unscaled(guesses.seen[index]))


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
