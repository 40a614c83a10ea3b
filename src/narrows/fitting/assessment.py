"""Measure a fitted run and its yardstick: reconstructions of held-out rows, and their errors."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.diagnostics import Measured, measure
from narrows.evaluation.errors import Errors, errors
from narrows.evaluation.latent_dimensions import meanings
from narrows.evaluation.outlying import OutlyingRows, outlying
from narrows.evaluation.pca import MOST_PRODUCTS, RESTORING, Pca
from narrows.evaluation.ratios import Methods
from narrows.evaluation.raw_errors import raw_errors
from narrows.evaluation.verdict import PCA
from narrows.fitting.outlying_rows import outlying_rows
from narrows.fitting.parts import ScaledParts, SplitData
from narrows.fitting.restorations import Restoration, best_restoration
from narrows.runs.evidence import Dimensions
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled


class Reconstructions(NamedTuple):
    """Held-out rows and their reconstructions, `(n, values)` each, on the model's scale.

    Attributes:
        x: the rows; NaN where a cell is missing.
        seen: the input of the model and of PCA: the rows, or corrupted ones.
        ours: of the model.
        pca: of the yardstick, as a rule PCA; None for data without PCA.
        mean: the training mean; None for data without PCA.
        name: of the yardstick.
    """

    x: Array
    seen: Array
    ours: Array
    pca: Array | None
    mean: Array | None
    name: str = PCA


class Assessment(NamedTuple):
    """All that is measured of a run.

    Attributes:
        rows: training and held-out rows.
        pca: the yardstick; None for data without PCA.
        reconstructions: of the held-out rows.
        compared: their errors, on the model's scale.
        raw: the errors of the values as they came; None where the model's scale bends none.
        apart: the held-out rows that hold most of an error, and their numbers; None where there are none.
        measured: symptoms of a fit.
        meaning: of the latent dimensions; None for a model whose code is bypassed.
    """

    rows: ScaledParts
    pca: Pca | None
    reconstructions: Reconstructions
    compared: Methods
    raw: Methods | None
    apart: tuple[OutlyingRows, Index] | None
    measured: Measured
    meaning: Dimensions | None


def measure_all(run: Run, parts: SplitData, rows: ScaledParts) -> Assessment:
    """Fit the yardstick, and measure the run on `rows`, the scaled `parts`."""
    pca = yardstick(run, rows.train, parts)
    best = (
        best_restoration(run, rows.train, pca) if pca is not None and rows.train.given is not None else None
    )
    reconstructions = reconstruct(run, rows.held_out, pca, best)
    compared = compare(run, reconstructions)
    raw = None if reconstructions.pca is None else of_values(run, rows.train, reconstructions)
    apart = set_apart(parts, reconstructions, compared, raw)
    judged = compared if apart is None else compared.without(apart[1])
    measured = with_names(measure(run, *rows, pca, judged.ours), parts)
    return Assessment(
        rows, pca, reconstructions, compared, raw, apart, measured, meanings(run, rows.held_out)
    )


def set_apart(
    parts: SplitData, made: Reconstructions, compared: Methods, raw: Methods | None
) -> tuple[OutlyingRows, Index] | None:
    """The held-out rows that hold most of an error, and their numbers; None where there are none."""
    known = [e for e in (*compared[:2], *(raw or ())[:2]) if e is not None]
    rows = outlying(*(each.squared for each in known))
    if not len(rows):
        return None
    deviations = (made.x - (made.ours if made.mean is None else made.mean))[rows]
    return outlying_rows(parts.held_out, parts.numbers, rows, deviations, compared[:2]), rows


def with_names(measured: Measured, parts: SplitData) -> Measured:
    """What was measured, with the names of training rows that outlie."""
    apart = measured.outlying
    if apart is None:
        return measured
    numbers = parts.data.sample_of(parts.index.train)
    named = outlying_rows(
        parts.train, numbers, apart.rows, apart.deviations, (apart.ours, apart.pca), apart.places
    )
    return measured._replace(symptoms=replace(measured.symptoms, outlying=named))


def of_values(run: Run, train: Scaled, made: Reconstructions) -> Methods | None:
    """The errors of the values as they came; None where the model's scale bends none."""
    assert made.pca is not None
    found = raw_errors(run, train.flat, made.x, made.ours, made.pca)
    return None if found is None else Methods(*found)


def yardstick(run: Run, train: Scaled, parts: SplitData) -> Pca | None:
    """PCA with as many components as latent dimensions; for a model that restores a linear filter.

    The filter is the best one that restores corrupted rows. None for a kind of data without PCA.
    """
    if not run.schema.has_pca:
        return None
    if run.restoring:
        return Pca.fit(train.flat, RESTORING).restoring(train.flat, run.corrupted(train))
    products = len(parts.index.train) * train.flat.shape[1] ** 2
    if parts.data.source.in_memory or products > MOST_PRODUCTS:
        return Pca.fit(train.flat, run.model.code_size)
    blocks = (run.scaled(block) for block in parts.training_blocks())
    return Pca.fit_blocks(blocks, run.model.code_size, np.nanmean(train.flat, axis=0))


def reconstruct(
    run: Run, held_out: Scaled, pca: Pca | None, best: Restoration | None = None
) -> Reconstructions:
    """The reconstructions of the held-out rows by the model and its yardsticks.

    A model that restores gets corrupted rows; `best` is its yardstick in place of `pca` if it is given.
    """
    x = held_out.flat
    seen = run.corrupted(held_out) if run.restoring else x
    ours = run.restored(held_out) if run.restoring else run.reconstruct_scaled(held_out)
    if pca is None:
        return Reconstructions(x, seen, ours, None, None)
    name, use = best or (PCA, pca.reconstruct)
    return Reconstructions(x, seen, ours, use(seen), np.broadcast_to(pca.mean, x.shape), name)


def compare(run: Run, made: Reconstructions) -> Methods:
    """The errors of the reconstructions."""

    def of(reconstruction: Array) -> Errors:
        return errors(made.x, reconstruction, run.schema.starts)

    others = (None if each is None else of(each) for each in (made.pca, made.mean))
    return Methods(of(made.ours), *others)
