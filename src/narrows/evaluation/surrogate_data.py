"""Would the same model gain as much on data without structure?

On normally distributed data the principal components are all there is to find. Yet a curved code
can beat them there, because a real number holds more than a coordinate: the curve folds back and
forth and comes close to every point. That gain says nothing about the data. So it is measured on a
normal twin of the training part, and a model has to do better on the data than on their twin (the
surrogate test of Theiler et al. 1992, Physica D 58).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from narrows.core.records import Batch, Domain
from narrows.data.schema import Array
from narrows.evaluation.errors import errors
from narrows.evaluation.pca import Pca
from narrows.model.build import Spec, build
from narrows.model.losses import on_reals
from narrows.model.networks.own import Own
from narrows.training.batches import Rows
from narrows.training.loop import learn
from narrows.training.options import Training

JUDGED = 5000
"""Fresh twin rows that the gain is measured on, so that its own error is small."""

FACTORED = 10_000
"""Training rows that the covariance is taken from at the most."""

TRAINED = 20_000
"""Twin rows to train on at the most."""


def twins(x: Array, sizes: tuple[int, ...], seed: int) -> list[Array]:
    """Normal rows with the mean and covariance of `x (rows, values)`, as many as `sizes` say."""
    rng = np.random.default_rng(seed)
    mean = np.nanmean(x, axis=0)
    rows = rng.choice(len(x), min(len(x), FACTORED), replace=False)
    centred = np.where(np.isnan(x[rows]), 0.0, x[rows] - mean)
    factor = np.linalg.qr(centred / np.sqrt(len(rows)), mode="r")
    return [(mean + rng.standard_normal((n, len(factor))) @ factor).astype(np.float32) for n in sizes]


def surrogate_ratio(
    spec: Spec, domain: Domain, x: Array, how: Training, seed: int, own: Own | None = None
) -> float:
    """The model's error in units of PCA's on a normal twin of its training data.

    Args:
        spec: of the model; the twin has the loss that replaces its own on real values.
        domain: of the data.
        x: the training part on the model's scale, `(rows, values)`.
        how: as the model was trained.
        seed: of the twin, the first weights and the training.
        own: networks from outside that the spec names.
    """
    n = min(len(x), TRAINED)
    train, validation, fresh = twins(x, (n, max(100, n // 8), JUDGED), seed)
    shape = domain.shape
    twin_domain = Domain(shape, float(train.min()), float(train.max()))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        objective = build({**spec, "loss": on_reals(spec["loss"])}, twin_domain, own)
        rows, checked = (Rows(part.reshape(-1, *shape), nn.Identity()) for part in (train, validation))
        learn(objective, rows, checked, how)
    with torch.inference_mode():
        ours = (
            objective.model.reconstruct(Batch(torch.as_tensor(fresh.reshape(-1, *shape)))).flatten(1).numpy()
        )
    pca = Pca.fit(train, objective.model.code_size).reconstruct(fresh)
    return errors(fresh, ours).mse / max(errors(fresh, pca).mse, 1e-300)
