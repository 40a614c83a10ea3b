"""The variational autoencoder: a code is a normal distribution, regularised towards N(0, I).

Kingma & Welling 2014, ICLR; for β, Higgins et al. 2017, "beta-VAE", ICLR; for free bits, Kingma et
al. 2016, "Improving variational inference with inverse autoregressive flow", NeurIPS; for the
warm-up, Bowman et al. 2016, "Generating sentences from a continuous space", CoNLL.
"""

from __future__ import annotations

from math import prod
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.records import Code, Context, Cost, Features, per_example
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck
from narrows.model.bottlenecks.coding import BITS, Bins, Normals, uniform
from narrows.model.distributions import Integers, Stack
from narrows.model.log_variance import bounded, divergence


class Gaussian(Bottleneck):
    """z = μ(h) + L(h) ε with ε ~ N(0, I), at the cost β · KL(N(μ, L Lᵀ) ‖ N(0, I)).

    L is diagonal with standard deviations σ, or lower triangular. With sample=False the code is μ. The
    cost is in nats, summed over latent dimensions.

    Args:
        beta: weight of the divergence; with 1 the objective is the (negative) evidence lower bound.
        warm_up: share of the training over which the weight grows from 0 to beta, in [0, 1].
        free_bits: the smallest cost of a latent dimension, in nats; below it the divergence has no
            gradient, so that a dimension with little information does not collapse.
        covariance: of the posterior: "diagonal", or "full", where latent dimensions are correlated.
    """

    reference = "Kingma & Welling 2014. Auto-encoding variational Bayes. ICLR."

    probabilistic = True
    place: Tensor

    def __init__(
        self,
        in_shape: tuple[int, ...],
        latent_dim: int,
        *,
        beta: float = 1.0,
        warm_up: float = 0.0,
        free_bits: float = 0.0,
        covariance: Literal["diagonal", "full"] = "diagonal",
    ) -> None:
        super().__init__(in_shape, latent_dim)
        self.code_shape = (latent_dim,)
        self.beta = within("beta", beta, 0)
        self.warm_up = within("warm_up", warm_up, 0, 1)
        self.free_bits = within("free_bits", free_bits, 0, 1e6)
        below = latent_dim * (latent_dim - 1) // 2 if covariance == "full" else 0
        self.full = bool(below)
        self.project = nn.Linear(prod(in_shape), 2 * latent_dim + below)
        # For each entry of L the index of its number below the diagonal; other entries get a zero.
        square = torch.arange(latent_dim)
        rows, columns = square[:, None], square[None]
        place = torch.where(columns < rows, rows * (rows - 1) // 2 + columns, below)
        self.register_buffer("place", place.flatten(), persistent=False)

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        mean, log_var, below = self.posterior(features)
        log_std = log_var / 2
        std = torch.exp(log_std)
        kl = divergence(mean, std, log_std)
        z = mean
        if sample:
            noise = torch.randn_like(mean)
            z = torch.addcmul(mean, std, noise)
        if self.full:
            # Entries below the diagonal add to the trace of L Lᵀ, but not to its determinant.
            kl = kl + 0.5 * below.square().sum(dim=2)
            z = z + (below @ noise[:, :, None])[:, :, 0] if sample else z
        floored = kl.clamp(min=self.free_bits) if self.free_bits else kl
        cost = per_example(floored[None], context)
        return Code(z[None], {"kl": Cost(cost, self.weight())})

    def posterior(self, features: Features) -> tuple[Tensor, Tensor, Tensor]:
        """Mean `(batch, latent_dim)`, log-variance `(batch, latent_dim)` and L below its diagonal.

        The log-variance is that of L's diagonal. L below it is `(batch, latent_dim, latent_dim)`, or
        empty where L is diagonal.
        """
        d = self.latent_dim
        mean, raw, rest = self.project(features.h.flatten(1)).tensor_split([d, 2 * d], dim=1)
        if not self.full:
            return mean, bounded(raw), rest
        below = functional.pad(rest, (0, 1)).index_select(1, self.place)
        return mean, bounded(raw), torch.unflatten(below, 1, (d, d))

    def uncertainty(self, features: Features) -> Tensor:
        _, log_var, below = self.posterior(features)
        return log_var.exp() + (below.square().sum(dim=2) if self.full else 0)

    def weight(self) -> Tensor | float:
        """β; during the warm-up of a training less."""
        if not (self.training and self.warm_up):
            return self.beta
        return self.beta * (self.progress / self.warm_up).clamp(max=1)

    @property
    def drawn_bits(self) -> int:
        return BITS * self.latent_dim

    def draw(self, features: Features, stack: Stack) -> Integers:
        return self.normals(features).pop(stack)

    def give_back(self, features: Features, numbers: Integers, stack: Stack) -> None:
        self.normals(features).push(numbers, stack)

    def store(self, numbers: Integers, stack: Stack) -> None:
        stack.push(numbers.flatten(), uniform(numbers.size))

    def fetch(self, n: int, stack: Stack) -> Integers:
        return stack.pop(uniform(n * self.latent_dim)).reshape(n, -1)

    def placed(self, numbers: Integers) -> Tensor:
        return torch.as_tensor(Bins().middle(numbers))

    def normals(self, features: Features) -> Normals:
        """The posterior, on bins."""
        mean, log_var, below = self.posterior(features)
        scale = torch.exp(log_var / 2)
        if not self.full:
            return Normals(Bins(), mean.numpy(), (1 / scale).numpy())
        whitening = torch.linalg.inv(torch.diag_embed(scale) + below)
        return Normals(Bins(), mean.numpy(), whitening.numpy())

    def prior(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        return torch.randn(n, self.latent_dim, generator=generator, device=self.prior_device(generator))
