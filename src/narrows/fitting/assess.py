"""Judge a fitted run on held-out data, and keep what the report shows of it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.examples import Data
from narrows.data.schema import Array
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
from narrows.training.options import Training

SMALL = 2_000_000
"""Numbers in a training part for which a gain is always checked on a twin without structure; of
larger ones only a gain of less than half is, the training of the twin being as long as the model's."""

SHOWN, NUMBERS = 300_000, 5_000_000
"""Held-out codes that are kept for the report at the most, and numbers in them."""

ORIGINALS = 8_000_000
"""Bytes of held-out examples that are kept for the report at the most."""


class Guesses(NamedTuple):
    """Held-out rows and what is made of them, `(n, values)` each, on the model's scale.

    Attributes:
        x: the rows; NaN where a cell is missing.
        seen: what the model and PCA were shown of them.
        ours: of the model.
        pca: of PCA.
        mean: the training mean.
    """

    x: Array
    seen: Array
    ours: Array
    pca: Array
    mean: Array


def assess(run: Run, parts: SplitData, how: Training, *, begun: bool = False) -> None:
    """Measure the run on held-out data and keep what the report will show of it.

    With `begun` the first weights may have been fitted to the held-out rows.
    """
    train_values, held_out = parts.train.array, parts.held_out
    learned = run.scaled(train_values)
    pca = yardstick(run, learned, parts)
    guesses = guess(run, held_out, pca)
    starts = run.schema.starts
    ours, theirs, mean = (errors(guesses.x, found, starts) for found in guesses[2:])
    unit = run.scaling.unit
    compared = ours.times(unit), theirs.times(unit), mean.times(unit)
    verdict = decide(run, learned, compared, held_out.groups, how, begun)
    measured = measure(run, train_values, held_out.array, pca, ours)
    run.metrics = {
        "verdict": {"outcome": verdict.outcome, "sentence": verdict.sentence},
        "held_out": verdict.to_json(),
        "symptoms": measured.symptoms.to_json(),
    }
    means = pca.mean.reshape(run.schema.model_shape[0], -1).mean(axis=1)
    kept = evidence(run, held_out, guesses, ours, theirs)
    run.evidence = replace(
        kept,
        numbers=parts.numbers[kept.rows],
        means=means.astype(np.float32),
        by_column=None if starts is None else by_column(guesses, starts),
        residual=measured.residual,
        nats=measured.nats,
        used=measured.used,
        meaning=meanings(run, held_out.array),
        reference=Reference.draw(parts.data, parts.index.train, parts.index.validation, held_out),
    )


def yardstick(run: Run, learned: Array, parts: SplitData) -> Pca:
    """PCA with as many components as the code has numbers, or the linear filter that restores most.

    The filter where the model is judged by what it restores of corrupted rows.
    """
    if run.model.bypassed:
        return Pca.fit(learned, RESTORING).restoring(learned, run.corrupted(parts.train.array))
    return fit_pca(run, learned, parts)


def guess(run: Run, held_out: Data, pca: Pca) -> Guesses:
    """What the model and its yardsticks make of the held-out rows.

    A model whose output does not follow from a code alone is judged by what it restores of corrupted rows.
    """
    x = seen = run.scaled(held_out.array)
    restore = run.reconstruct_scaled
    if run.model.bypassed:
        seen, restore = run.corrupted(held_out.array), run.restored
    mean = np.broadcast_to(pca.mean, x.shape)
    return Guesses(x, seen, restore(held_out.array), pca.reconstruct(seen), mean)


def decide(
    run: Run,
    learned: Array,
    compared: tuple[Errors, Errors, Errors],
    groups: Array | None,
    how: Training,
    begun: bool,
) -> Verdict:
    """The verdict; a gain that could be hollow is measured on data without structure first."""
    verdict = judge(*compared, groups=groups, seen=begun)
    if verdict.outcome != "beats" or not worth_checking(run, learned, verdict):
        return verdict
    domain = run.schema.domain(run.scaling)
    bar = surrogate_ratio(run.config["spec"], domain, learned, how, run.config["seed"], run.own)
    return judge(*compared, groups=groups, surrogate_ratio=bar)


def fit_pca(run: Run, learned: Array, parts: SplitData) -> Pca:
    """PCA of the training rows: `learned`, on the model's scale, or block by block what is not in memory."""
    if parts.data.source.in_memory or learned.shape[1] > WIDEST:
        return Pca.fit(learned, run.model.code_size)
    blocks = (run.scaled(block) for block in parts.training_blocks())
    return Pca.fit_blocks(blocks, run.model.code_size, np.nanmean(learned, axis=0))


def worth_checking(run: Run, learned: Array, verdict: Verdict) -> bool:
    """Whether a gain could be hollow, and there is time to see.

    Over the best linear filter none is: on data without structure no model restores more than that.
    """
    modest = verdict.mse > 0.5 * (verdict.yardstick_mse or 0.0)
    long = learned.size > SMALL and not modest
    return not (run.model.bypassed or long or run.interrupted)


def evidence(run: Run, held_out: Data, guesses: Guesses, ours: Errors, pca: Errors) -> Evidence:
    """Held-out codes and errors, and the examples that were reconstructed best, middling and worst."""
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(held_out))[: max(1, min(SHOWN, NUMBERS // run.model.code_size))])
    size = max(1, held_out.array[:1].nbytes)
    kept = np.sort(rng.permutation(len(rows))[: max(1, ORIGINALS // size)])
    labels, names = (None, ()) if held_out.labels is None else coded(held_out.labels[rows])
    best, median, worst = (examples(run, held_out, guesses, index) for index in extremes(ours))
    return Evidence(
        rows=rows,
        errors=ours.per_value[rows] * run.scaling.unit,
        pca_errors=pca.per_value[rows] * run.scaling.unit,
        best=best,
        median=median,
        worst=worst,
        ids=tuple(held_out.ids[i] for i in rows) if held_out.ids else (),
        labels=labels,
        label_names=names,
        codes=None if run.model.bypassed else run.encode(held_out.array[rows]),
        kept=kept,
        originals=held_out.array[rows[kept]],
    )


def extremes(ours: Errors) -> tuple[Array, Array, Array]:
    """Six rows each with the smallest errors, around the median, and with the largest."""
    order = np.argsort(ours.per_value, kind="stable")
    middle = len(order) // 2
    return order[:6], order[max(0, middle - 3) : middle + 3], order[::-1][:6]


def examples(run: Run, held_out: Data, guesses: Guesses, index: Array) -> Examples:
    """The held-out rows at `index` with what the model makes of them, as the data came."""
    originals = held_out.array[index]
    if not run.model.bypassed:
        return Examples(index, originals, run.reconstruct(originals))
    return Examples(index, originals, run.unscaled(guesses.ours[index]), run.unscaled(guesses.seen[index]))


def by_column(guesses: Guesses, starts: NDArray[np.intp]) -> ColumnErrors:
    """The errors by column of a table."""
    return ColumnErrors(*(column_errors(guesses.x, found, starts) for found in guesses[2:]))


def coded(labels: Array) -> tuple[Array, tuple[str, ...]]:
    """Labels as numbers, and the words that these stand for; none where labels are numbers."""
    if labels.dtype.kind in "buif":
        return labels.astype(np.float64), ()
    names, codes = np.unique(labels, return_inverse=True)
    return codes.astype(np.float64), tuple(names.tolist())
