"""What is measured of a fitted model beside its error, once, when it is assessed.

Numbers go to `metrics.json` and arrays to the evidence, so that the doctor needs no data to examine a run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from math import prod
from operator import add
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.core.records import Batch
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.errors import Errors, errors, means
from narrows.evaluation.outlying import outlying, without
from narrows.evaluation.pca import Pca
from narrows.evaluation.symptoms import Detail, Gap, Layer, Residual, Symptoms
from narrows.model.build import Model
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled

ROWS, NUMBERS = 2000, 2**23
"""Training rows, and numbers in them, that are used at the most."""

CODED = 20_000
"""Training rows whose choices, as of a codebook, are counted at the most."""

NOISE = 0.1
"""Standard deviation of the noise that is added, in units of that of the values."""

STILL = 1e-3
"""A unit with a smaller standard deviation, in units of the layer's, is dead."""


class Measured(NamedTuple):
    """The symptoms, and arrays for the evidence of the same names."""

    symptoms: Symptoms
    residual: Array | None = None
    nats: Array | None = None
    used: Array | None = None
    outlying: Outlying | None = None


class Outlying(NamedTuple):
    """Training rows that hold most of an error on those that were looked at.

    Attributes:
        rows: their numbers in the training part.
        deviations: from the training mean, `(rows, values)` on the model's scale.
        ours: the model's errors on all that were looked at.
        pca: PCA's; None without.
        places: the numbers of `rows` among these.
    """

    rows: Index
    deviations: Array
    ours: Errors
    pca: Errors | None
    places: Index


class Compared(NamedTuple):
    """Training rows and what is made of them, `(n, values)` each, on the model's scale; None without PCA."""

    x: Array
    ours: Array
    pca: Array | None


def measure(run: Run, train: Scaled, held_out: Scaled, pca: Pca | None, judged: Errors) -> Measured:
    """Measure the symptoms of `run`.

    Args:
        run: the fitted run.
        train: training rows.
        held_out: held-out rows.
        pca: fitted to the training rows, on the model's scale; None for data that have none.
        judged: the model's errors on the held-out rows that do not outlie.
    """
    index = drawn(len(train), min(ROWS, 1 + NUMBERS // prod(run.schema.shape)))
    every = compared(run, train.rows(index), pca)
    apart = outlying_among(run, index, every)
    some = train.rows(index if apart is None else np.delete(index, apart.places))
    rows = every if apart is None else Compared(*without(apart.places, *every))
    found = of_errors(run, some, rows, judged)
    if run.model.bypassed:
        return Measured(found, outlying=apart)
    residuals, direction = residual(rows.x - rows.ours, None if rows.pca is None else rows.x - rows.pca)
    symptoms = replace(
        found,
        noise_passed=noise_passed(run, held_out.rows(drawn(len(held_out), ROWS // 4))),
        residual=residuals,
        detail=detail_of(run, rows) if run.schema.spatial else None,
    )
    return Measured(symptoms, direction, carried(run, some), used(run, train), apart)


def outlying_among(run: Run, index: Index, rows: Compared) -> Outlying | None:
    """The training rows that hold most of an error, among the `rows` with the numbers `index`."""
    ours, theirs = compared_errors(run, rows)
    places = outlying(*(e.squared for e in (ours, theirs) if e is not None))
    if not len(places):
        return None
    deviations = rows.x[places] - means(rows.x)
    return Outlying(index[places], deviations, ours, theirs, places)


def compared_errors(run: Run, rows: Compared) -> tuple[Errors, Errors | None]:
    """The errors of the model and of PCA."""
    theirs = None if rows.pca is None else errors(rows.x, rows.pca, run.schema.starts)
    return errors(rows.x, rows.ours, run.schema.starts), theirs


def compared(run: Run, rows: Scaled, pca: Pca | None) -> Compared:
    """What the model and PCA make of training rows; of corrupted ones as the model is judged by them."""
    ours = run.restored(rows) if run.restoring else run.reconstruct_scaled(rows)
    return Compared(run.wanted(rows), ours, None if pca is None else pca.reconstruct(rows.flat))


def of_errors(run: Run, train: Scaled, rows: Compared, judged: Errors) -> Symptoms:
    """The symptoms that every model has."""
    ours, theirs = compared_errors(run, rows)
    return Symptoms(
        train_mse=ours.mse * run.scaling.unit,
        train_pca_mse=None if theirs is None else theirs.mse * run.scaling.unit,
        gap=excess(judged, ours),
        dead=dead_units(run, train),
    )


def drawn(n: int, most: int) -> Array:
    """At most `most` of the numbers below `n`, in order and the same each time."""
    return np.sort(np.random.default_rng(0).permutation(n)[:most])


def excess(held_out: Errors, train: Errors) -> Gap:
    """The held-out error in units of that on training rows, with an interval of the ratio's logarithm."""
    each = [e.per_value for e in (held_out, train)]
    means = [max(float(e.mean()), 1e-300) for e in each]
    spread = math.sqrt(sum((e.std() / m) ** 2 / len(e) for e, m in zip(each, means, strict=True)))
    ratio = means[0] / means[1]
    return Gap(ratio, ratio * math.exp(-1.645 * min(spread, 100.0)))


def dead_units(run: Run, rows: Scaled) -> tuple[Layer, ...]:
    """The units that do not change with the input, of each layer of the encoder and of the code."""
    layers: list[int] = []

    def moments(model: Model, batch: Batch) -> Tensor:
        features = model.encoder(batch.x, batch.context)
        found = [*features.hidden, model.bottleneck.encode(features, batch.context)]
        flat = [h.flatten(2) if h.dim() > 2 else h[..., None] for h in found]
        layers[:] = [h.shape[1] for h in flat]
        return torch.cat([torch.stack([h.mean(2), (h**2).mean(2)]) for h in flat], dim=2).transpose(0, 1)

    mean, square = run.apply(rows, moments).astype(np.float64).mean(axis=0)
    deviations = np.split(np.sqrt(np.maximum(square - mean**2, 0)), np.cumsum(layers)[:-1])
    usual = [max(float(np.sqrt((d**2).mean())), 1e-12) for d in deviations]
    return tuple(Layer(int((d < STILL * u).sum()), len(d)) for d, u in zip(deviations, usual, strict=True))


def noise_passed(run: Run, rows: Scaled) -> float:
    """The share of a small white noise in `rows` that is in the output.

    A projection of n values on d dimensions passes d / n of it, a copy all.
    """
    generator = torch.Generator().manual_seed(0)
    size = NOISE * float(np.nanstd(rows.flat))

    def products(model: Model, batch: Batch) -> Tensor:
        noise = size * torch.randn(batch.x.shape, generator=generator) * batch.observed()
        answer = model.reconstruct(replace(batch, x=batch.x + noise)) - model.reconstruct(batch)
        return torch.stack([(answer * noise).flatten(1).sum(1), (noise**2).flatten(1).sum(1)], dim=1)

    passed, added = run.apply(rows, products).astype(np.float64).sum(axis=0)
    return float(passed / max(added, 1e-300))


def residual(ours: Array, pca: Array | None) -> tuple[Residual, Array]:
    """What residuals `(n, values)` have in common.

    Returns:
        The record, and the direction `(values,)`, of length 1, that ours are largest along.
    """
    largest, direction = leading(ours)
    total = float((np.nan_to_num(ours) ** 2).sum()) / len(ours)
    theirs = None if pca is None else leading(pca)[0]
    return Residual(largest, theirs, largest / max(total, 1e-300)), direction


def leading(rows: Array) -> tuple[float, Array]:
    """The largest mean square of `rows (n, values)` along any direction, and that direction."""
    from sklearn.utils.extmath import randomized_svd

    _, size, directions = randomized_svd(np.nan_to_num(rows), 1, n_iter=6, random_state=0)
    return float(size[0]) ** 2 / len(rows), directions[0].astype(np.float32)


def detail_of(run: Run, rows: Compared) -> Detail:
    """How much of the detail of training rows is kept."""
    shape = (-1, *run.schema.model_shape)
    pca = None if rows.pca is None else rows.pca.reshape(shape)
    return detail(rows.x.reshape(shape), rows.ours.reshape(shape), pca, run.schema.spatial)


def detail(x: Array, ours: Array, pca: Array | None, spatial: int) -> Detail:
    """How much of the differences between neighbours is kept, along the `spatial` last axes.

    `ours` and `pca` are reconstructions in the shape of `x (n, channels, …)`, where NaN is missing.
    """
    there, missing = max(steps(x, spatial), 1e-300), np.isnan(x)
    theirs = None if pca is None else steps(np.where(missing, np.nan, pca), spatial) / there
    kept = steps(np.where(missing, np.nan, ours), spatial) / there
    return Detail(kept, theirs, smoothness(x - ours, spatial))


def steps(x: Array, spatial: int) -> float:
    """Σ of the squared differences between neighbours along the last axes; NaN has no neighbours."""
    return float(reduce(add, [np.nansum((after - before) ** 2) for after, before in neighbours(x, spatial)]))


def smoothness(x: Array, spatial: int) -> float:
    """The correlation of `x` between neighbours along the last axes."""
    pairs = list(neighbours(x, spatial))
    common = sum(float(np.nansum(a * b)) for a, b in pairs)
    power = sum(0.5 * float(np.nansum(np.where(np.isnan(a * b), 0.0, a**2 + b**2))) for a, b in pairs)
    return common / max(power, 1e-300)


def neighbours(x: Array, spatial: int) -> Iterator[tuple[Array, Array]]:
    """Along each of the last axes all values but the first, and those before them."""
    for axis in range(1, spatial + 1):
        rest = [slice(None)] * (axis - 1)
        after: tuple[Any, ...] = (..., slice(1, None), *rest)
        before: tuple[Any, ...] = (..., slice(-1), *rest)
        yield x[after], x[before]


def carried(run: Run, rows: Scaled) -> Array | None:
    """What each dimension of a probabilistic code tells of an example, in nats; None for other codes.

    KL(q(z_j | x) ‖ N(m_j, v_j)), averaged over rows, with the mean m_j and the variance v_j of z_j over all
    rows; a dimension that is the same for all rows tells nothing.
    """
    if not run.model.bottleneck.probabilistic:
        return None

    def moments(model: Model, batch: Batch) -> Tensor:
        features = model.encoder(batch.x, batch.context)
        spread = model.bottleneck.uncertainty(features)
        return torch.stack([model.bottleneck.encode(features, batch.context), spread], dim=1)

    mean, variance = run.apply(rows, moments).astype(np.float64).transpose(1, 0, 2)
    overall = mean.var(axis=0) + variance.mean(axis=0)
    nats = 0.5 * (np.log(overall) - np.log(np.maximum(variance, 1e-300)).mean(axis=0))
    return np.maximum(nats, 0.0)


def used(run: Run, rows: Scaled) -> Array | None:
    """How often each thing that a code chooses among, as an entry of a codebook, was chosen.

    None for codes that choose nothing.
    """
    choices = run.model.bottleneck.choices
    if not choices:
        return None

    def index(model: Model, batch: Batch) -> Tensor:
        features = model.encoder(batch.x, batch.context)
        found = model.bottleneck(features, batch.context, sample=False).index
        # A mixture that was interrupted before its clusters were placed has none to choose.
        return torch.empty(batch.n, 0, dtype=torch.long) if found is None else found.reshape(batch.n, -1)

    chosen = run.apply(rows.rows(drawn(len(rows), CODED)), index)
    return np.bincount(chosen.ravel(), minlength=choices) if chosen.size else None
