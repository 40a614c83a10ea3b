"""A graph network without hidden layers: features are smoothed over the neighbourhood and projected.

The encoder has no weights; its bottleneck's projection is the only layer, and begins with the principal
directions of the smoothed features. The decoder compares codes by their angle, because the length of a code
says more about the number of a node's edges than about its neighbours (Ahn & Kim 2021).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Batch, Context, Domain, Features
from narrows.core.registry import within
from narrows.model.messages import passed
from narrows.model.networks.base import Decoder, Encoder


class SgcEncoder(Encoder):
    """h = u(Sᵏ u(x)), with u(x) = x / ‖x‖: features of unit length, averaged along the edges k times.

    Args:
        steps: k, how many edges a message passes.
    """

    reference = "Wu et al. 2019. Simplifying graph convolutional networks. ICML."
    linear = True
    mixes = True

    def __init__(self, domain: Domain, *, steps: int = 2) -> None:
        super().__init__()
        if domain.nodes:
            raise InputError("The network 'sgc' is for nodes with features, but these have none; choose gcn.")
        self.steps = int(within("steps", steps, 0, 100))
        self.out_shape = domain.shape

    def forward(self, x: Tensor, context: Context) -> Features:
        smooth = passed(context["propagation"], functional.normalize(x), self.steps)
        return Features(functional.normalize(smooth))

    def begin(self, batch: Batch) -> Tensor:
        return self(batch.x, batch.context).h


class SgcDecoder(Decoder):
    """y = s z / ‖z‖ with a learned length s; inner products of y are log-odds of edges, but for an offset."""

    reference = "Ahn & Kim 2021. Variational graph normalized autoencoders. CIKM."

    def __init__(self, code_shape: tuple[int, ...], shape: tuple[int, ...]) -> None:
        super().__init__()
        self.log_length = nn.Parameter(torch.tensor(0.7))

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        return functional.normalize(z.flatten(1)) * self.log_length.exp()
