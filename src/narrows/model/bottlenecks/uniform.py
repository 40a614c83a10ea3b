"""A variational autoencoder whose prior is uniform on a box.

The divergence of a normal distribution from a uniform one is infinite, since the normal distribution
leaves the box. Here the posterior is a normal distribution that is truncated to the box. Its moments,
entropy and quantiles are those of Johnson, Kotz & Balakrishnan 1994, Continuous univariate
distributions, vol. 1, sec. 13.10.
"""

from __future__ import annotations

from math import e, log, pi, prod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from narrows.core.records import Code, Context, Cost, Features, per_example
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck
from narrows.model.log_variance import bounded

EDGE = 3**0.5
"""The box is [-√3, √3] in each dimension, so that the prior has variance 1, as N(0, I) has."""

WIDEST = 10.0
"""The largest scale of a posterior; its divergence from the prior is then 1e-5 nats."""


class Truncated(NamedTuple):
    """Normal distributions, truncated to [-EDGE, EDGE].

    Attributes:
        location: of the normal distribution, within the box.
        scale: its standard deviation.
    """

    location: Tensor
    scale: Tensor

    def edges(self) -> tuple[Tensor, Tensor]:
        """The edges of the box in units of the scale, relative to the location."""
        return (-EDGE - self.location) / self.scale, (EDGE - self.location) / self.scale

    def mass(self) -> Tensor:
        """The probability of the box under the normal distribution."""
        low, high = self.edges()
        return (erf(high) - erf(low)) / 2

    def mean(self) -> Tensor:
        low, high = self.edges()
        return self.location + self.scale * (density(low) - density(high)) / self.mass()

    def variance(self) -> Tensor:
        (low, high), mass = self.edges(), self.mass()
        shift = (density(low) - density(high)) / mass
        return self.scale**2 * (1 + (low * density(low) - high * density(high)) / mass - shift**2)

    def draw(self) -> Tensor:
        """A sample by the inverse distribution function, through which gradients pass."""
        low, high = map(erf, self.edges())
        share = low + torch.rand_like(low) * (high - low)
        inside = 1 - torch.finfo(share.dtype).eps
        z = self.location + 2**0.5 * self.scale * torch.erfinv(share.clamp(-inside, inside))
        return z.clamp(-EDGE, EDGE)

    def divergence(self) -> Tensor:
        """KL(posterior ‖ uniform) in nats: log of the box's width minus the entropy."""
        (low, high), mass = self.edges(), self.mass()
        entropy = torch.log(self.scale * mass) + 0.5 * log(2 * pi * e)
        return log(2 * EDGE) - entropy - (low * density(low) - high * density(high)) / (2 * mass)


def erf(x: Tensor) -> Tensor:
    """The share of N(0, 1) between -x and x, with the sign of x."""
    return torch.erf(x / 2**0.5)


def density(x: Tensor) -> Tensor:
    """The density of N(0, 1)."""
    return torch.exp(-0.5 * x**2) / (2 * pi) ** 0.5


class Uniform(Bottleneck):
    """z ~ N(μ, σ²) truncated to the box B = [-√3, √3]ᵈ, at the cost β · KL(q(z | x) ‖ U(B)).

    With sample=False the code is the mean of q. The cost is in nats, summed over latent dimensions.

    Args:
        beta: weight of the divergence; with 1 the objective is the (negative) evidence lower bound.
    """

    reference = "Kingma & Welling 2014. Auto-encoding variational Bayes. ICLR. There the prior is N(0, I)."

    probabilistic = True

    def __init__(self, in_shape: tuple[int, ...], latent_dim: int, *, beta: float = 1.0) -> None:
        super().__init__(in_shape, latent_dim)
        self.code_shape = (latent_dim,)
        self.beta = within("beta", beta, 0)
        self.project = nn.Linear(prod(in_shape), 2 * latent_dim)

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        q = self.posterior(features)
        z = q.draw() if sample else q.mean()
        return Code(z[None], {"kl": Cost(per_example(q.divergence()[None], context), self.beta)})

    def posterior(self, features: Features) -> Truncated:
        """q(z | x), each parameter `(batch, latent_dim)`; the scale is below `WIDEST`."""
        raw, raw_log_var = self.project(features.h.flatten(1)).chunk(2, dim=1)
        precision = torch.exp(-bounded(raw_log_var)) + WIDEST**-2
        return Truncated(EDGE * torch.tanh(raw / EDGE), precision**-0.5)

    def uncertainty(self, features: Features) -> Tensor:
        return self.posterior(features).variance()

    def prior(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        device = self.prior_device(generator)
        return EDGE * (2 * torch.rand(n, self.latent_dim, generator=generator, device=device) - 1)
