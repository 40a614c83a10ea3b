"""A graph network without hidden layers: features are smoothed over the neighbourhood and projected.

The encoder has no weights; its bottleneck's projection is the only layer, and begins with the principal
directions of the smoothed features. Nodes without features have spectral coordinates instead, which are
smooth already. The decoder compares codes by their angle, because the length of a code says more about the
number of a node's edges than about its neighbours (Ahn & Kim 2021).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.core.records import Batch, Context, Domain, Features
from narrows.core.registry import within
from narrows.model.messages import kept, passed, passed_thin, thinned
from narrows.model.networks.base import Decoder, Encoder
from narrows.model.spectrum import coordinates


class SgcEncoder(Encoder):
    """h = u(Sᵏ u(x)), with u(x) = x / √(r² + ‖x‖²): features of about unit length, averaged k times.

    Of nodes without features h are their spectral coordinates, see `narrows.model.spectrum`. They come from
    the edges alone: weights for each node, as in a graph autoencoder, overfit where nodes have few edges.

    Args:
        steps: k, how many edges a message passes.
        radius: r, the length below which u leaves rows short; of nodes without features, that of codes only.
        components: the number of spectral coordinates, of nodes without features.
    """

    reference = "Wu et al. 2019. Simplifying graph convolutional networks. ICML."
    linear = True
    mixes = True

    def __init__(self, domain: Domain, *, steps: int = 2, radius: float = 0.0, components: int = 16) -> None:
        super().__init__()
        self.radius = within("radius", radius, 0)
        self.steps = int(within("steps", steps, 0, 100))
        count = min(int(within("components", components, 1, 1e4)), max(1, domain.nodes - 1))
        self.components = count if domain.nodes else 0
        self.out_shape = (self.components,) if domain.nodes else domain.shape

    def forward(self, x: Tensor, context: Context) -> Features:
        s = context["propagation"]
        if self.components:
            return Features(kept(s, (self.components,), lambda: coordinates(s, self.components)).to(x))
        return Features(kept(s, (x, self.steps, self.radius), lambda: self.smoothed(s, x)))

    def smoothed(self, s: Tensor, x: Tensor) -> Tensor:
        """Features `h (n, features)` of nodes with features `x`."""
        unit = kept(x, (self.radius,), lambda: thinned(shortened(x, self.radius)))
        pass_on = passed if isinstance(unit, Tensor) else passed_thin
        return shortened(pass_on(s, unit, self.steps), self.radius)

    def begin(self, batch: Batch) -> Tensor:
        return self(batch.x, batch.context).h


def shortened(x: Tensor, radius: float) -> Tensor:
    """u(x) = x / √(r² + ‖x‖²) of the rows of `x`, r the `radius`."""
    return x / (radius**2 + x.square().sum(1, keepdim=True)).clamp(min=1e-12).sqrt()


class SgcDecoder(Decoder):
    """y = s u(z), u as in the encoder, with a learned s; inner products of y are log-odds but for an offset.

    Args:
        radius: r of u, which leaves codes short that are nearly 0, of nodes about which little is known.
    """

    reference = "Ahn & Kim 2021. Variational graph normalized autoencoders. CIKM."

    def __init__(self, code_shape: tuple[int, ...], shape: tuple[int, ...], *, radius: float = 0.0) -> None:
        super().__init__()
        self.radius = within("radius", radius, 0)
        self.log_length = nn.Parameter(torch.tensor(0.7))

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        return shortened(z.flatten(1), self.radius) * self.log_length.exp()
