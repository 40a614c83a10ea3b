"""How much a model gains over PCA on data without structure of the same covariance.

On normally distributed data principal components are all that can be learned. Yet a curved code can beat
them there, because a real number holds more than a coordinate: the curve folds back and forth and comes
close to every point. That gain means nothing. So it is measured on surrogate data, normal rows with the
mean and covariance of the training part, and the gain on the data has to exceed it (the surrogate test of
Theiler et al. 1992, Physica D 58).
"""

from __future__ import annotations

from collections.abc import Callable
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
from narrows.model.build import Model, Objective, Spec, build
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

NEAR_PCA = 1.25
"""The ratio from which on the rest of a training is foretold."""


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
    spec: Spec,
    domain: Domain,
    x: Array,
    how: Training,
    seed: int,
    own: Own | None = None,
    wanted: float | None = None,
) -> float:
    """The model's error in units of PCA's on surrogate data.

    Args:
        spec: of the model; its loss is replaced by one for real values.
        domain: of the data.
        x: the training part on the model's scale, `(rows, values)`.
        how: as the model was trained.
        seed: of the surrogate data, the first weights and the training.
        own: networks from outside that the spec names.
        wanted: the ratio that matters; the training ends once it is out of reach. None trains to the end.
    """
    n = min(len(x), TRAINED)
    validated, judged = (min(most, max(FEWEST, VALUES // x.shape[1])) for most in (VALIDATED, JUDGED))
    train, validation, fresh = surrogates(x, (n, max(validated, n // 8), judged), seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        objective = for_reals(spec, domain, train, own)
        pca = Pca.fit(train, objective.model.numbers)

        def ratio(x: Array) -> float:
            ours = errors(x, reconstructed(objective.model, x, domain.shape)).mse
            return ours / max(errors(x, pca.reconstruct(x)).mse, 1e-300)

        rows, checked = (Rows(part.reshape(-1, *domain.shape), nn.Identity()) for part in (train, validation))
        enough = None if wanted is None else Futility(wanted, lambda: ratio(validation))
        learn(objective, rows, checked, how, tell, enough=enough)
        return ratio(fresh)


def for_reals(spec: Spec, domain: Domain, train: Array, own: Own | None) -> Objective:
    """The model of `spec` for examples of `domain`, all values real numbers like those of `train`."""
    real = replace(domain, low=float(train.min()), high=float(train.max()), columns=())
    return build({**spec, "loss": on_reals(spec["loss"])}, real, own)


class Futility:
    """Whether a training can no longer reach a ratio: called after each epoch.

    Args:
        wanted: the ratio.
        ratio: measures the present one, on rows that are not trained on.
    """

    def __init__(self, wanted: float, ratio: Callable[[], float]) -> None:
        self.wanted, self.ratio = wanted, ratio
        self.stage, self.past = "", list[float]()

    def __call__(self, epoch: Epoch) -> bool:
        if epoch.stage != self.stage:
            self.stage, self.past = epoch.stage, []
        self.past.append(self.ratio())
        return out_of_reach(self.past, epoch.epochs - epoch.number, self.wanted)


def out_of_reach(past: list[float], left: int, wanted: float) -> bool:
    """Whether an error that falls for `left` more epochs as it did in the last third stays above `wanted`.

    A training curve gets flatter once the model has come near to PCA, so that this is more than it falls.
    Before, it may stand still for a while and fall again, and nothing is foretold.

    >>> past = [8.0, 2.0, 1.5, 1.1, 1.095, 1.09]
    >>> out_of_reach(past, left=20, wanted=0.5), out_of_reach(past, left=200, wanted=0.5)
    (True, False)
    """
    n = len(past) // 3
    if n == 0 or min(past) > NEAR_PCA:
        return False
    fallen = max(0.0, past[-1 - n] - min(past)) / n
    return min(past) - fallen * left > wanted


def tell(epoch: Epoch) -> None:
    """Say how far the training is."""
    step(f"verdict: surrogate data, epoch {epoch.number}/{epoch.epochs}, {epoch.left:.0f} s left")


def reconstructed(model: Model, x: Array, shape: tuple[int, ...]) -> Array:
    """What `model` makes of rows `(n, values)` of examples of `shape`."""
    pieces = torch.split(torch.as_tensor(x.reshape(-1, *shape)), rows_at_once(x.shape[1]))
    with torch.inference_mode():
        return np.concatenate([model.reconstruct(Batch(each)).flatten(1).numpy() for each in pieces])
