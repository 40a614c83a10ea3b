"""Begin a model at the principal components of the training part, where it has a linear path to the code.

A model that begins there has their error before it is trained, and learns what they leave over. From random
weights a few hundred steps do not find directions of little variance.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.core.records import Batch
from narrows.model.build import Model


@torch.no_grad()
def begin(model: Model, batch: Batch) -> None:
    """Set the linear paths to the code and back, and let the rest of the network add nothing to them.

    The way back is the least squares fit of the values by the codes, in the outputs that stand for
    them, where the loss has such. All codes have one scale, the mean of their standard deviations.

    Args:
        model: with random weights.
        batch: examples of the training part.
    """
    project = model.bottleneck.project
    if not model.encoder.linear or not isinstance(project, nn.Linear):
        return
    values = model.encoder.begin(batch)
    weight = directions(values, model.bottleneck.latent_dim)
    project.weight[: len(weight)] = nn.functional.pad(weight, (0, project.in_features - weight.shape[1]))
    project.bias[: len(weight)] = 0
    wanted = model.loss.outputs(filled(batch))
    if wanted is not None:
        model.decoder.begin(*least_squares(model.encode(batch), wanted))


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
