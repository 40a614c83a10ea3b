"""A code of bits."""

from __future__ import annotations

from math import log, prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.records import Code, Context, Cost, Features, per_example
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck


class Binary(Bottleneck):
    """z_i = 1 with probability p_i = sigmoid((W h + b)_i), at the cost β · KL(Bernoulli(p) ‖ Bernoulli(½)).

    The gradient is that of z = p (the straight-through estimator). With sample=False the likelier bit is
    taken. The cost is in nats, summed over bits, at most log 2 each.

    Args:
        beta: weight of the divergence.
    """

    reference = (
        "Bengio, Léonard & Courville 2013. Estimating or propagating gradients through stochastic neurons "
        "for conditional computation. arXiv:1308.3432."
    )
    unit_interval = True

    def __init__(self, in_shape: tuple[int, ...], latent_dim: int, *, beta: float = 1.0) -> None:
        super().__init__(in_shape, latent_dim)
        self.code_shape = (latent_dim,)
        self.beta = within("beta", beta, 0)
        self.project = nn.Linear(prod(in_shape), latent_dim)

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        logits = self.project(features.h.flatten(1))
        p = torch.sigmoid(logits)
        bits = (p > (torch.rand_like(p) if sample else 0.5)).to(p.dtype)
        # log 2 minus the entropy, computed from the logits to avoid overflow.
        kl = log(2) + p * logits - functional.softplus(logits)
        cost = per_example(kl[None], context)
        return Code((bits + (p - p.detach()))[None], {"kl": Cost(cost, self.beta)}, bits.long())

    def prior(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        device = self.prior_device(generator)
        return torch.randint(2, (n, self.latent_dim), generator=generator, device=device).float()
