"""The density of codes: a Gaussian mixture, from which a plain autoencoder can be sampled."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.registry import within
from narrows.data.schema import Array

FULL_COVARIANCE = 256
"""Covariances are full for codes of at most this many dimensions, else diagonal."""

MOST_CODES = 10_000
"""The mixture is fitted to at most this many codes."""


class Density(nn.Module):
    """p(z) = Σ_k w_k N(z | m_k, L_k L_kᵀ), over codes `(n, d)`; L is diagonal for large codes.

    Args:
        components: the number of components K.
        d: the number of latent dimensions.
    """

    weights: Tensor
    means: Tensor
    factors: Tensor

    def __init__(self, components: int, d: int) -> None:
        super().__init__()
        within("components", components, 1, 100)
        self.full = d <= FULL_COVARIANCE
        self.register_buffer("weights", torch.full((components,), 1 / components))
        self.register_buffer("means", torch.zeros(components, d))
        self.register_buffer("factors", torch.zeros(components, d, d if self.full else 1))

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`n` random codes `(n, d)`."""
        which = torch.multinomial(self.weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, self.means.shape[1], generator=generator)
        if not self.full:
            return self.means[which] + self.factors[which, :, 0] * noise
        return self.means[which] + torch.einsum("nij,nj->ni", self.factors[which], noise)


def components_for(n: int, d: int) -> int:
    """The number of components, 1 to 10, for which each parameter has at least 10 codes.

    >>> components_for(50, 8), components_for(1400, 8), components_for(54_000, 16)
    (1, 3, 6)
    """
    return min(10, max(1, min(n, MOST_CODES) // (10 * (1 + d + d * (d + 1) // 2))))


def fit_density(codes: Array, seed: int) -> Density:
    """The mixture of `codes (n, d)`, by scikit-learn's expectation maximisation."""
    from sklearn.mixture import GaussianMixture

    rows = np.random.default_rng(seed).permutation(len(codes))[:MOST_CODES]
    chosen = codes[rows].astype(np.float64)
    density = Density(components_for(*codes.shape), codes.shape[1])
    ridge = 1e-6 * float(chosen.var()) + 1e-12
    if len(chosen) < 2:
        density.means.copy_(torch.as_tensor(chosen))
        return density
    shape = "full" if density.full else "diag"
    k = len(density.weights)
    mixture = GaussianMixture(k, covariance_type=shape, reg_covar=ridge, random_state=seed).fit(chosen)
    covariances = mixture.covariances_
    factors = np.linalg.cholesky(covariances) if density.full else np.sqrt(covariances)[:, :, None]
    density.weights.copy_(torch.as_tensor(mixture.weights_))
    density.means.copy_(torch.as_tensor(mixture.means_))
    density.factors.copy_(torch.as_tensor(factors))
    return density
