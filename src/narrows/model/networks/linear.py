"""A network without hidden layers: with a plain bottleneck and a squared loss it spans the subspace of PCA.

Bourlard & Kamp 1988, "Auto-association by multilayer perceptrons and singular value
decomposition"; Baldi & Hornik 1989.
"""

from __future__ import annotations

from math import prod

from torch import Tensor, nn

from narrows.core.records import Context, Features
from narrows.model.networks.base import Decoder, Encoder


class LinearEncoder(Encoder):
    """Flattens an example; the bottleneck's projection is the only layer."""

    reference = (
        "Baldi & Hornik 1989. Neural networks and principal component analysis: learning from "
        "examples without local minima. Neural Networks 2."
    )

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.out_shape = (prod(shape),)

    def forward(self, x: Tensor, context: Context) -> Features:
        return Features(x.flatten(1))


class LinearDecoder(Decoder):
    """One affine map from the code to the values.

    Args:
        tied: whether the weights are those of the bottleneck's projection, transposed.
    """

    def __init__(self, code_shape: tuple[int, ...], shape: tuple[int, ...], *, tied: bool = False) -> None:
        super().__init__()
        self.shape, self.tied = shape, tied
        self.project = nn.Linear(prod(code_shape), prod(shape))

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        return self.project(z.flatten(1)).unflatten(1, self.shape)
