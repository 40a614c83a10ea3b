"""Measure a fitted run and its yardstick: reconstructions of held-out rows, and their errors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from narrows.core.steps import step
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.diagnostics import Measured, measure
from narrows.evaluation.errors import Errors, errors, means
from narrows.evaluation.latent_dimensions import meanings
from narrows.evaluation.nmf import Beside
from narrows.evaluation.outlying import OutlyingRows, outlying
from narrows.evaluation.pca import MOST_PRODUCTS, Pca, has_room
from narrows.evaluation.ratios import Methods
from narrows.evaluation.raw_errors import raw_errors
from narrows.evaluation.restored import Restorations
from narrows.evaluation.rounded_codes import rounds
from narrows.evaluation.verdict import PCA
from narrows.fitting.further_yardsticks import further
from narrows.fitting.outlying_rows import outlying_rows
from narrows.fitting.parts import ScaledParts, SplitData
from narrows.fitting.rates import MeasuredRates, measure_rates
from narrows.fitting.restorations import restorations, within_range
from narrows.runs.evidence import Dimensions
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled


class Reconstructions(NamedTuple):
    """Held-out rows and their reconstructions, `(n, values)` each, on the model's scale.

    Attributes:
        x: the rows; NaN where a cell is missing, or does not count.
        seen: the input of the model and of PCA: the rows, or corrupted ones.
        ours: of the model.
        pca: of the yardstick, as a rule PCA; None for data without PCA.
        mean: the training mean; None for data without PCA.
    """

    x: Array
    seen: Array
    ours: Array
    pca: Array | None
    mean: Array | None


class Assessment(NamedTuple):
    """All that is measured of a run.

    Attributes:
        rows: training and held-out rows.
        mean: of the training rows, `(values,)`; None for data without PCA.
        reconstructions: of the held-out rows.
        name: of the yardstick.
        compared: their errors, on the model's scale.
        restored: the errors of all methods, of a model that is judged by what it restores; else None.
        raw: the errors of the values as they came; None where the model's scale bends none.
        beside: the errors of further methods for counts.
        rates: the bytes of all methods, of a model that is judged by these; else None.
        apart: the held-out rows that hold most of an error, and their numbers; None where there are none.
        measured: symptoms of a fit.
        meaning: of the latent dimensions; None for a model whose code is bypassed, or rounded for a coder.
    """

    rows: ScaledParts
    mean: Array | None
    reconstructions: Reconstructions
    name: str
    compared: Methods
    restored: Restorations | None
    raw: Methods | None
    beside: tuple[Beside, ...]
    rates: MeasuredRates | None
    apart: tuple[OutlyingRows, Index] | None
    measured: Measured
    meaning: Dimensions | None


def measure_all(run: Run, parts: SplitData, rows: ScaledParts) -> Assessment:
    """Fit the yardsticks, and measure the run on `rows`, the scaled `parts`."""
    restoring, by_bytes = run.restoring, rounds(run)
    pca = None if restoring or by_bytes else fit_pca(run, rows.train, parts)
    mean = means(rows.train.flat) if run.schema.has_pca else None
    step("verdict: reconstructing the held-out rows")
    reconstructions = reconstruct(run, rows.held_out, pca, mean)
    restored = None
    if restoring:
        step("verdict: restoring by other methods")
        restored, theirs = restorations(run, rows.train, *reconstructions[:3])
        reconstructions = reconstructions._replace(pca=theirs)
    name, compared = compare(run, reconstructions, restored)
    raw = None if reconstructions.pca is None else of_values(run, rows.train, reconstructions)
    apart = set_apart(parts, reconstructions, compared, raw)
    judged = compared if apart is None else compared.without(apart[1])
    rates = measure_rates(run, parts, rows) if by_bytes else None
    beside = further(run, parts, rows, compared, None if apart is None else apart[1])
    step("verdict: measuring symptoms of the fit")
    measured = with_names(measure(run, *rows, pca, judged.ours), parts)
    step("verdict: measuring what the latent dimensions mean")
    meaning = None if by_bytes else meanings(run, rows.held_out)
    return Assessment(
        rows, mean, reconstructions, name, compared, restored, raw, beside, rates, apart, measured, meaning
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


def fit_pca(run: Run, train: Scaled, parts: SplitData) -> Pca | None:
    """PCA with as many components as the model has numbers; None for a kind of data without PCA."""
    if not run.schema.has_pca:
        return None
    step("verdict: fitting PCA")
    values, dimensions = train.flat.shape[1], run.model.numbers
    wide = len(parts.index.train) * values**2 > MOST_PRODUCTS
    if parts.data.source.in_memory or (wide and not has_room(values, dimensions)):
        return Pca.fit(train.flat, dimensions)

    def blocks() -> Iterable[Array]:
        return (run.scaled(block) for block in parts.training_blocks())

    if wide:
        return Pca.fit_passes(blocks, dimensions, means(train.flat), train.flat)
    return Pca.fit_blocks(blocks(), dimensions, means(train.flat))


def reconstruct(run: Run, held_out: Scaled, pca: Pca | None, mean: Array | None) -> Reconstructions:
    """The reconstructions of the held-out rows by the model and its yardsticks.

    A model that is judged by what it restores is given corrupted rows.
    """
    x, restoring = run.wanted(held_out), run.restoring
    ours = within_range(run, run.restored(held_out)) if restoring else run.reconstruct_scaled(held_out)
    return Reconstructions(
        x,
        run.corrupted(held_out) if restoring else x,
        ours,
        None if pca is None else pca.reconstruct(x),
        None if mean is None else np.broadcast_to(mean, x.shape),
    )


def compare(run: Run, made: Reconstructions, restored: Restorations | None) -> tuple[str, Methods]:
    """The yardstick's name, and the errors of the model, of the yardstick and of the training mean."""

    def of(reconstruction: Array | None) -> Errors | None:
        return None if reconstruction is None else errors(made.x, reconstruction, run.schema.starts)

    if restored is not None:
        name = restored.strongest
        return name, Methods(restored.ours, restored.others[name], of(made.mean))
    ours = of(made.ours)
    assert ours is not None
    return PCA, Methods(ours, of(made.pca), of(made.mean))
