"""Negative log-likelihoods, in nats."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Domain
from narrows.model.distributions import (
    MOST_WEIGHT,
    Alphabet,
    Counted,
    Distribution,
    Listed,
    binned,
    logistic,
    normal,
    shares,
)
from narrows.model.log_variance import bounded
from narrows.model.losses.base import LINKS, Link, Loss, Per, factor_of_sum

NEAR_CERTAIN = 0.02
"""A probability from which a model begins lies so far from 0 and 1, at the least."""


class Bernoulli(Loss):
    """-Σ x log p + (1 - x) log(1 - p) in nats, p = sigmoid(y), computed from y without overflow.

    For binary values, and for grey values in [0, 1], which are taken for probabilities.

    Args:
        weight: factor of the loss in the objective.
        per: "example", the weight multiplies the sum over an example's values; "value", their mean.
    """

    bounded = True

    def __init__(self, domain: Domain, *, weight: float = 1.0, per: Per = "example") -> None:
        super().__init__()
        self.weight = factor_of_sum(weight, per, domain)
        self.binary = domain.grid is None or domain.grid.levels == 2
        if domain.low < 0 or domain.high > 1:
            span = f"[{domain.low:.4g}, {domain.high:.4g}]"
            raise InputError(
                f"The loss 'bernoulli' is for values in [0, 1], but these lie in {span}; set "
                f"loss.name=squared."
            )

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(y, x.expand_as(y), reduction="none")

    def mean(self, y: Tensor) -> Tensor:
        return torch.sigmoid(y)

    def distribution(self, y: Tensor, x: Tensor, places: Tensor, alphabet: Alphabet) -> Distribution:
        if not self.binary or alphabet.levels > 2:
            return super().distribution(y, x, places, alphabet)
        # P(1) = 1 - σ(0 - y), as the share above 0 of a logistic distribution around y.
        halves = Alphabet(alphabet.levels, lambda v: np.zeros(len(v)))
        logits = y.flatten(1)[:, places].flatten().numpy()[:, None]
        return binned(halves, logistic(), logits, np.zeros_like(logits))

    def outputs(self, x: Tensor) -> Tensor:
        return torch.logit(x, eps=NEAR_CERTAIN)


class Gaussian(Loss):
    """½ Σ log 2πσ² + (x - x̂)²/σ² in nats, with a learned variance σ².

    The variance balances the reconstruction with the costs of the code (Rybkin et al. 2021).

    Args:
        variance: "shared", one for all values; "each", one for each value of an example (a pixel,
            a column); "predicted", by the decoder for each value of each example.
        link: the function from the decoder's output to x̂; "sigmoid" for data in [0, 1].
        weight: factor of the loss in the objective.
        per: "example", the weight multiplies the sum over an example's values; "value", their mean.
    """

    reference = (
        "Rybkin, Daniilidis & Levine 2021. Simple and effective VAE training with calibrated decoders. ICML."
    )

    def __init__(
        self,
        domain: Domain,
        *,
        variance: Literal["shared", "each", "predicted"] = "shared",
        link: Link = "identity",
        weight: float = 1.0,
        per: Per = "example",
    ) -> None:
        super().__init__()
        self.link = link
        self.weight = factor_of_sum(weight, per, domain)
        self.bounded = link != "identity"
        self.per_value = 2 if variance == "predicted" else 1
        self.plain = link == "identity" and self.per_value == 1
        if variance != "predicted":
            self.log_var = nn.Parameter(torch.zeros(domain.shape if variance == "each" else ()))

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        log_var = bounded(y.chunk(2, dim=2)[1] if self.per_value == 2 else self.log_var)
        return 0.5 * (math.log(2 * math.pi) + log_var + (x - self.mean(y)) ** 2 / log_var.exp())

    def mean(self, y: Tensor) -> Tensor:
        return LINKS[self.link](y.chunk(2, dim=2)[0] if self.per_value == 2 else y)

    def distribution(self, y: Tensor, x: Tensor, places: Tensor, alphabet: Alphabet) -> Distribution:
        raw = y[None].chunk(2, dim=2)[1][0] if self.per_value == 2 else self.log_var.expand(y.shape)
        mean, log_var = (
            each.flatten(1)[:, places].flatten().numpy()[:, None]
            for each in (self.mean(y[None])[0], bounded(raw))
        )
        return binned(alphabet, normal(), mean, -log_var / 2)


class Poisson(Loss):
    """Σ λ - x log λ + log Γ(x + 1) in nats, λ = softplus(y), for counts.

    The same formula is used for counts that were divided by a scale. It is then no likelihood in nats,
    but its minimum is still at the mean. Files without loss have the probabilities of the counts.
    """

    def __init__(self, domain: Domain) -> None:
        super().__init__()
        grid, intensity = domain.grid, domain.intensity
        of_counts = grid is not None and intensity is not None and math.isclose(grid.step, intensity.unit)
        self.unit = intensity.unit if of_counts and intensity is not None else None
        if domain.low < 0:
            raise InputError(
                f"The loss 'poisson' is for counts, but the minimum of these values is {domain.low:.4g}; set "
                f"loss.name=squared."
            )

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        rate = self.mean(y)
        return rate - x * rate.log() + torch.lgamma(x + 1)

    def mean(self, y: Tensor) -> Tensor:
        return functional.softplus(y) + 1e-8

    def distribution(self, y: Tensor, x: Tensor, places: Tensor, alphabet: Alphabet) -> Distribution:
        if self.unit is None:
            return super().distribution(y, x, places, alphabet)
        unit = self.unit
        means = self.mean(y).flatten(1)[:, places].flatten().numpy() / unit
        return Counted(alphabet, lambda v: np.rint(alphabet.edges(v) / unit + 0.5).astype(np.int64), means)


class Categorical(Loss):
    """-Σ x log softmax(y) in nats: one of several categories, one-hot along the last axis.

    Args:
        times: how many categories there are, whose first levels come first.
    """

    def __init__(self, domain: Domain, *, times: int = 1) -> None:
        super().__init__()
        self.levels = (-1, times)

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        return -x * torch.log_softmax(torch.unflatten(y, -1, self.levels), dim=-2).flatten(-2)

    def distribution(self, y: Tensor, x: Tensor, places: Tensor, alphabet: Alphabet) -> Distribution:
        return Listed(shares(torch.softmax(y, dim=1).numpy(), max(MOST_WEIGHT, 16 * alphabet.levels)))

    def mean(self, y: Tensor) -> Tensor:
        return torch.softmax(torch.unflatten(y, -1, self.levels), dim=-2).flatten(-2)
