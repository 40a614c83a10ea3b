"""A code of bits."""

from __future__ import annotations

from math import log, prod

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.records import Code, Context, Cost, Features, per_example
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck
from narrows.model.distributions import Integers, Listed, Stack, Uniform, shares


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

    @property
    def drawn_bits(self) -> int:
        return self.latent_dim

    def draw(self, features: Features, stack: Stack) -> Integers:
        chances = self.chances(features)
        return stack.pop(chances).reshape(-1, self.latent_dim)

    def give_back(self, features: Features, numbers: Integers, stack: Stack) -> None:
        stack.push(numbers.flatten(), self.chances(features))

    def store(self, numbers: Integers, stack: Stack) -> None:
        stack.push(numbers.flatten(), Uniform(numbers.size, 2))

    def fetch(self, n: int, stack: Stack) -> Integers:
        return stack.pop(Uniform(n * self.latent_dim, 2)).reshape(n, -1)

    def placed(self, numbers: Integers) -> Tensor:
        return torch.as_tensor(numbers).double()

    def chances(self, features: Features) -> Listed:
        """The frequencies of 0 and 1 for each bit of each example."""
        p = torch.sigmoid(self.project(features.h.flatten(1))).flatten().numpy()
        return Listed(shares(np.stack([1 - p, p], axis=1)))

    def prior(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        device = self.prior_device(generator)
        return torch.randint(2, (n, self.latent_dim), generator=generator, device=device).float()
