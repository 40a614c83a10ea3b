"""The code as such: fewer numbers than the data have, and no other constraint."""

from __future__ import annotations

from math import prod

from torch import nn

from narrows.bottlenecks.base import Bottleneck
from narrows.records import Code, Context, Features


class Plain(Bottleneck):
    """z = W h + b: one affine map from the features to the code, at no cost."""

    reference = (
        "Hinton & Salakhutdinov 2006. Reducing the dimensionality of data with neural networks. Science 313."
    )

    def __init__(self, in_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__(in_shape, latent_dim)
        self.code_shape = (latent_dim,)
        self.project = nn.Linear(prod(in_shape), latent_dim)

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        return Code(self.project(features.h.flatten(1))[None])
