"""A graph convolutional network, and the decoder whose inner products predict edges.

A layer passes messages once: S X W, with S the normalised adjacency with self-loops, which the context of a
batch holds. It is one product of a sparse with a dense matrix, which torch has.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Context, Domain, Features
from narrows.core.registry import within
from narrows.model.messages import passed
from narrows.model.networks.base import ACTIVATIONS, Activation, Decoder, Encoder


class GcnEncoder(Encoder):
    """h = S σ(S X W + b): of nodes without features the rows of X W are weights themselves.

    The projection of the bottleneck is the second layer's matrix of weights.

    Args:
        width: of the hidden layer.
        activation: σ.
    """

    reference = "Kipf & Welling 2017. Semi-supervised classification with graph convolutional networks. ICLR."
    mixes = True

    def __init__(self, domain: Domain, *, width: int = 32, activation: Activation = "relu") -> None:
        super().__init__()
        self.width = int(within("width", width, 1, 1e6))
        self.project: nn.Module = (
            NodeWeights(domain.nodes, width) if domain.nodes else nn.Linear(domain.shape[0], width)
        )
        self.activation = ACTIVATIONS[activation]()
        self.out_shape = (width,)
        self.unit_interval = activation == "sigmoid"

    def forward(self, x: Tensor, context: Context) -> Features:
        s = context["propagation"]
        hidden = self.activation(passed(s, self.project(x)))
        return Features(passed(s, hidden), (hidden,))


class NodeWeights(nn.Module):
    """A row of weights for each of `n` nodes, whatever their features."""

    def __init__(self, n: int, width: int) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.empty(n, width))
        nn.init.xavier_uniform_(self.rows)

    def forward(self, x: Tensor) -> Tensor:
        return self.rows.to(x.dtype)


class GcnDecoder(Decoder):
    """y = z, whose inner products are log-odds of edges, but for an offset that the loss learns."""

    def __init__(self, code_shape: tuple[int, ...], shape: tuple[int, ...]) -> None:
        super().__init__()
        if len(code_shape) != 1:
            raise InputError("The inner products of a graph's decoder are those of flat codes.")

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        return z
