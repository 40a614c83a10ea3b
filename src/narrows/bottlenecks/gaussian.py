"""The variational autoencoder: a code is a normal distribution, kept close to N(0, I).

Kingma & Welling 2014, ICLR; for β, Higgins et al. 2017, "beta-VAE", ICLR; for free bits, Kingma et
al. 2016, "Improving variational inference with inverse autoregressive flow", NeurIPS; for the
warm-up, Bowman et al. 2016, "Generating sentences from a continuous space", CoNLL.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn

from narrows.bottlenecks.base import Bottleneck
from narrows.records import Code, Context, Cost, Features, per_example
from narrows.registry import within
from narrows.variance import bounded


class Gaussian(Bottleneck):
    """z = μ(h) + σ(h) · ε with ε ~ N(0, I), at the cost β · KL(N(μ, σ²) ‖ N(0, I)).

    With sample=False the code is μ. The cost is in nats, summed over the code's dimensions.

    Args:
        beta: weight of the divergence; 1 makes the objective the (negative) evidence lower bound.
        warm_up: share of the training over which the weight grows from 0 to beta, in [0, 1].
        free_bits: nats per code dimension that cost no more than this constant, so that a
            dimension is not given up while it carries little.
    """

    reference = "Kingma & Welling 2014. Auto-encoding variational Bayes. ICLR."

    def __init__(
        self,
        in_shape: tuple[int, ...],
        latent_dim: int,
        *,
        beta: float = 1.0,
        warm_up: float = 0.0,
        free_bits: float = 0.0,
    ) -> None:
        super().__init__(in_shape, latent_dim)
        self.code_shape = (latent_dim,)
        self.beta = within("beta", beta, 0)
        self.warm_up = within("warm_up", warm_up, 0, 1)
        self.free_bits = within("free_bits", free_bits, 0, 1e6)
        self.project = nn.Linear(prod(in_shape), 2 * latent_dim)

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        mean, log_var = self.posterior(features)
        z = mean + torch.exp(log_var / 2) * torch.randn_like(mean) if sample else mean
        kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
        paid = kl.clamp(min=self.free_bits) if self.free_bits else kl
        cost = per_example(paid[None], context)
        return Code(z[None], {"kl": Cost(cost, self.weight())})

    def posterior(self, features: Features) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the code, each `(batch, latent_dim)`."""
        mean, raw = self.project(features.h.flatten(1)).chunk(2, dim=1)
        return mean, bounded(raw)

    def weight(self) -> Tensor | float:
        """β, smaller during the warm-up of a training."""
        if not (self.training and self.warm_up):
            return self.beta
        return self.beta * (self.progress / self.warm_up).clamp(max=1)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        return torch.randn(n, self.latent_dim, generator=generator)
