"""What a fitted run and its yardstick make of the held-out rows, and the errors of that."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.evaluation.diagnostics import Measured, measure
from narrows.evaluation.errors import Errors, errors
from narrows.evaluation.latent_dimensions import meanings
from narrows.evaluation.pca import RESTORING, WIDEST, Pca
from narrows.fitting.parts import SplitData
from narrows.runs.evidence import Dimensions
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled


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


class Assessment(NamedTuple):
    """All that is measured of a run.

    Attributes:
        rows: training and held-out rows.
        pca: the yardstick; None for data that have none.
        guesses: of the held-out rows.
        compared: the errors of the guesses, on the model's scale.
        measured: symptoms.
        meaning: of the latent dimensions; None for a model whose output does not follow from a code.
    """

    rows: ScaledParts
    pca: Pca | None
    guesses: Guesses
    compared: Compared
    measured: Measured
    meaning: Dimensions | None


def measure_all(run: Run, parts: SplitData) -> Assessment:
    """Scale the rows, fit the yardstick, and measure the run."""
    rows = ScaledParts(run.scaler.prepare(parts.train.array), run.scaler.prepare(parts.held_out.array))
    pca = yardstick(run, rows.train, parts)
    guesses = guess(run, rows.held_out, pca)
    compared = compare(run, guesses)
    measured = measure(run, *rows, pca, compared.ours)
    return Assessment(rows, pca, guesses, compared, measured, meanings(run, rows.held_out))


def yardstick(run: Run, train: Scaled, parts: SplitData) -> Pca | None:
    """PCA with as many components as the code has dimensions, or the linear filter that restores best.

    The filter where the model is judged by what it restores of corrupted rows. None for a kind of data that
    PCA does not suit.
    """
    if not run.schema.has_pca:
        return None
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
