"""How much a model gains over PCA on data without structure of the same covariance.

On normally distributed data principal components are all that can be learned. Yet a curved code can beat
them there, because a real number holds more than a coordinate: the curve folds back and forth and comes
close to every point. That gain means nothing. So it is measured on surrogate data, normal rows with the
mean and covariance of the training part, and the gain on the data has to exceed it (the surrogate test of
Theiler et al. 1992, Physica D 58).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from narrows.core.memory import rows_at_once
from narrows.core.records import Batch, Domain
from narrows.core.steps import step
from narrows.data.schema import Array
from narrows.evaluation.errors import errors, means
from narrows.evaluation.outlying import outlying, without
from narrows.evaluation.pca import Pca
from narrows.model.build import Model, Spec, build
from narrows.model.losses import on_reals
from narrows.model.networks.own import Own
from narrows.training.batches import Rows
from narrows.training.history import Epoch
from narrows.training.loop import learn
from narrows.training.options import Training

JUDGED, VALIDATED, FEWEST, VALUES = 5000, 100, 20, 2**24
"""Fresh surrogate rows that the errors are measured on, so many that their own error is small, and rows that
choose the best epoch, at the least. Of wide rows there are fewer, with about so many values, as memory is
limited."""

FACTORED = 10_000
"""Training rows that the covariance is estimated from at the most."""

TRAINED = 20_000
"""Surrogate rows to train on at the most."""


def surrogates(x: Array, sizes: tuple[int, ...], seed: int) -> list[Array]:
    """Normal rows with the mean and covariance of `x (rows, values)`, an array for each of `sizes`.

    A few rows that hold most of the variance are left out: they would be all the structure there is.
    """
    rng = np.random.default_rng(seed)
    (x,) = without(outlying(np.nansum((x - means(x)) ** 2, axis=1, dtype=np.float64)), x)
    mean = means(x)
    rows = rng.choice(len(x), min(len(x), FACTORED), replace=False)
    centred = np.where(np.isnan(x[rows]), 0.0, x[rows] - mean)
    factor = np.asarray(np.linalg.qr(centred / np.sqrt(len(rows)), mode="r"))
    return [normal_rows(mean, factor, rng.standard_normal((n, len(factor)))) for n in sizes]


def normal_rows(mean: Array, factor: Array, normal: Array) -> Array:
    """Rows `(n, values)` of that `mean` and covariance `factorᵀ factor` from `normal (n, k)` numbers."""
    rows, step = np.empty((len(normal), len(mean)), np.float32), rows_at_once(len(mean))
    for first in range(0, len(normal), step):
        rows[first : first + step] = mean + normal[first : first + step] @ factor
    return rows


def surrogate_ratio(
    spec: Spec, domain: Domain, x: Array, how: Training, seed: int, own: Own | None = None
) -> float:
    """The model's error in units of PCA's on surrogate data.

    Args:
        spec: of the model; its loss is replaced by one for real values.
        domain: of the data.
        x: the training part on the model's scale, `(rows, values)`.
        how: as the model was trained.
        seed: of the surrogate data, the first weights and the training.
        own: networks from outside that the spec names.
    """
    n = min(len(x), TRAINED)
    validated, judged = (min(most, max(FEWEST, VALUES // x.shape[1])) for most in (VALIDATED, JUDGED))
    train, validation, fresh = surrogates(x, (n, max(validated, n // 8), judged), seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = trained(spec, domain, train, validation, how, own)
    ours = errors(fresh, reconstructed(model, fresh, domain.shape)).mse
    pca = errors(fresh, Pca.fit(train, model.numbers).reconstruct(fresh)).mse
    return ours / max(pca, 1e-300)


def trained(
    spec: Spec, domain: Domain, train: Array, validation: Array, how: Training, own: Own | None
) -> Model:
    """The model of `spec` fitted to rows `(n, values)` of examples of `domain`, all values real numbers."""
    real = replace(domain, low=float(train.min()), high=float(train.max()), columns=())
    objective = build({**spec, "loss": on_reals(spec["loss"])}, real, own)
    rows, checked = (Rows(part.reshape(-1, *domain.shape), nn.Identity()) for part in (train, validation))
    learn(objective, rows, checked, how, tell)
    return objective.model


def tell(epoch: Epoch) -> None:
    """Say how far the training is."""
    step(f"verdict: surrogate data, epoch {epoch.number}/{epoch.epochs}, {epoch.left:.0f} s left")


def reconstructed(model: Model, x: Array, shape: tuple[int, ...]) -> Array:
    """What `model` makes of rows `(n, values)` of examples of `shape`."""
    pieces = torch.split(torch.as_tensor(x.reshape(-1, *shape)), rows_at_once(x.shape[1]))
    with torch.inference_mode():
        return np.concatenate([model.reconstruct(Batch(each)).flatten(1).numpy() for each in pieces])
