"""Begin a model at the principal components of the training part, where it has a linear path to the code.

A model that begins there has their error before it is trained, and learns what they leave over. From random
weights a few hundred steps do not find directions of little variance.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.core.records import Batch
from narrows.model.build import Model
from narrows.model.losses.mixed import Mixed

RIDGE, ROUNDS = 3.0, 8
"""The penalty of the squared weights of a logistic regression, and its steps. Of 0.3, 1, 3 and 10 it had the
least error on new graphs of eight families."""

FITTED = 2048
"""Values whose regressions are computed together."""


@torch.no_grad()
def begin(model: Model, batch: Batch) -> None:
    """Set the linear paths to the code and back, and let the rest of the network add nothing to them.

    The way back is the least squares fit of the values by the codes, in the outputs that stand for
    them, where the loss has such; and of columns of several natures, the logistic regression of those that
    are 0 or 1. All codes have one scale, the mean of their standard deviations.

    Args:
        model: with random weights.
        batch: examples of the training part.
    """
    project = model.bottleneck.project
    if not model.encoder.linear or not isinstance(project, nn.Linear):
        return
    batch = batch if model.posed is None else model.posed.upright(batch)
    values = model.core.begin(batch)
    weight = directions(values, model.bottleneck.latent_dim)
    project.weight[: len(weight)] = nn.functional.pad(weight, (0, project.in_features - weight.shape[1]))
    project.bias[: len(weight)] = 0
    codes = model.bottleneck.encode(model.core(batch.x, batch.context), batch.context).flatten(1)
    wanted = model.loss.outputs(filled(batch))
    if wanted is not None:
        model.decoder.begin(*least_squares(codes, wanted))
    elif isinstance(model.loss, Mixed):
        model.decoder.begin(*mixed(codes, batch, model.loss.numbers))


def directions(values: Tensor, most: int) -> Tensor:
    """The first principal directions of centred `values (n, values)`, `(most or fewer, values)`.

    They are divided by the mean standard deviation along them. Halko, Martinsson & Tropp 2011, "Finding
    structure with randomness", SIAM Review 53.
    """
    most = min(most, *values.shape)
    _, lengths, found = torch.svd_lowrank(values, min(most + 10, *values.shape), niter=6)
    spread = lengths[:most].mean() / len(values) ** 0.5
    return found.T[:most] / spread if spread > 0 else found.T[:0]


def filled(batch: Batch) -> Tensor:
    """The values `(batch, values)`, with the mean of a value over the batch where it is missing."""
    observed = batch.observed()
    mean = batch.x.sum(0) / observed.sum(0).clamp(min=1)
    return torch.where(observed, batch.x, mean).flatten(1)


def least_squares(z: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Weight `(values, code)` and bias `(values,)` of the affine map from `z (n, code)` nearest to `x`."""
    z, x = z.double(), x.double()
    mean = z.mean(0)
    weight = torch.linalg.lstsq(z - mean, x - x.mean(0), driver="gelsd").solution.T
    return weight, x.mean(0) - weight @ mean


def mixed(z: Tensor, batch: Batch, numbers: Tensor) -> tuple[Tensor, Tensor]:
    """Weight `(values, code)` and bias `(values,)` from codes `z (n, code)` to the outputs of a loss `Mixed`.

    `numbers (values,)` says which values are numbers; the others are 0 or 1.
    """
    weight, bias = least_squares(z, filled(batch))
    levels = (~numbers).nonzero()[:, 0]
    x, observed = batch.x.double(), batch.observed().double()
    for some in torch.split(levels, FITTED):
        weight[some], bias[some] = logistic(z.double(), x[:, some], observed[:, some])
    return weight, bias


def logistic(z: Tensor, x: Tensor, observed: Tensor) -> tuple[Tensor, Tensor]:
    """Weight `(values, code)` and bias `(values,)` of the log-odds of values of 0 and 1, `x (n, values)`.

    By Newton's steps, each at most 3 long in a weight (Hastie, Tibshirani & Friedman 2009, "The elements of
    statistical learning", 4.4.1). `observed` is 1 where a value counts, else 0.
    """
    known = nn.functional.pad(z, (0, 1), value=1.0)
    penalty = torch.full((known.shape[1],), RIDGE, dtype=z.dtype)
    penalty[-1] = 1e-3
    found = torch.zeros(x.shape[1], known.shape[1], dtype=z.dtype)
    found[:, -1] = torch.logit(((x * observed).sum(0) + 0.5) / (observed.sum(0) + 1))
    for _ in range(ROUNDS):
        p = torch.sigmoid(known @ found.T)
        spread = (p * (1 - p)).clamp(min=1e-4) * observed
        curvature = torch.einsum("nd,nv,ne->vde", known, spread, known) + torch.diag(penalty)
        slope = ((x - p) * observed).T @ known - penalty * found
        found = found + torch.linalg.solve(curvature, slope[..., None])[..., 0].clamp(-3, 3)
    return found[:, :-1], found[:, -1]
