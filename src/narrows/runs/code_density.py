"""The density of codes: a Gaussian mixture, from which a plain autoencoder can be sampled."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.registry import within
from narrows.data.schema import Array

FULL_COVARIANCE = 256
"""Covariances are full for codes of at most this many dimensions, else diagonal."""

MOST_CODES = 10_000
"""The mixture is fitted to at most this many codes."""

TRIES = 5
"""Random beginnings of k-means, with whose best clusters the mixture begins."""

MOST_STEPS, CONVERGED = 100, 1e-3
"""Steps of expectation maximisation at the most, and the gain in nats for a code below which it ends."""


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
    """The mixture of `codes (n, d)` of the largest likelihood that was found."""
    rng = np.random.default_rng(seed)
    chosen = codes[rng.permutation(len(codes))[:MOST_CODES]].astype(np.float64)
    density = Density(components_for(*codes.shape), codes.shape[1])
    if len(chosen) < 2:
        density.means.copy_(torch.as_tensor(chosen))
        return density
    ridge = 1e-6 * float(chosen.var()) + 1e-12
    mixture = maximised(chosen, clustered(chosen, len(density.weights), rng), ridge, full=density.full)
    for buffer, values in zip((density.weights, density.means, density.factors), mixture, strict=True):
        buffer.copy_(torch.as_tensor(values))
    return density


def clustered(codes: Array, k: int, rng: np.random.Generator) -> Array:
    """The shares `(n, k)` of `k` clusters in each of `codes (n, d)`, 0 or 1, by the best of a few k-means."""
    if k == 1:
        return np.ones((len(codes), 1))
    from scipy.cluster.vq import kmeans2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a cluster that loses its codes
        found = [kmeans2(codes, k, minit="++", rng=rng) for _ in range(TRIES)]
    _, nearest = min(found, key=lambda each: float(((codes - each[0][each[1]]) ** 2).sum()))
    return np.eye(k)[nearest]


def maximised(codes: Array, shares: Array, ridge: float, *, full: bool) -> Mixture:
    """The mixture that expectation maximisation finds (Dempster, Laird & Rubin 1977).

    Args:
        codes: `(n, d)`.
        shares: `(n, k)`, of each component in each code at the beginning.
        ridge: is added to all variances.
        full: whether the covariances are, else they are diagonal.
    """
    before = -np.inf
    for _ in range(MOST_STEPS):
        mixture = Mixture.of(codes, shares, ridge, full=full)
        joint = mixture.log_joint(codes)
        each = np.logaddexp.reduce(joint, axis=1)
        if each.mean() - before < CONVERGED:
            break
        before, shares = each.mean(), np.exp(joint - each[:, None])
    return mixture


class Mixture(NamedTuple):
    """The parameters of a density: weights `(k,)`, means `(k, d)`, and factors `(k, d, d)` or `(k, d, 1)`."""

    weights: Array
    means: Array
    factors: Array

    @classmethod
    def of(cls, codes: Array, shares: Array, ridge: float, *, full: bool) -> Mixture:
        """The mixture of the largest likelihood in which the components have these `shares (n, k)`."""
        total = shares.sum(axis=0) + 10 * np.finfo(np.float64).eps
        means = shares.T @ codes / total[:, None]
        apart = [codes - mean for mean in means]
        weighted = [(share[:, None] * each).T for share, each in zip((shares / total).T, apart, strict=True)]
        if full:
            ridges = ridge * np.eye(codes.shape[1])
            covariances = [w @ each + ridges for w, each in zip(weighted, apart, strict=True)]
            return cls(total / len(codes), means, np.linalg.cholesky(covariances))
        variances = [(w.T * each).sum(axis=0) + ridge for w, each in zip(weighted, apart, strict=True)]
        return cls(total / len(codes), means, np.sqrt(variances)[..., None])

    def log_joint(self, codes: Array) -> Array:
        """Of each of `codes (n, d)` and each component log w_k N(z | m_k, L_k L_kᵀ), `(n, k)`."""
        apart = codes.T - self.means[..., None]
        diagonal = self.factors.shape[-1] == 1 < codes.shape[1]
        scaled = apart / self.factors if diagonal else np.linalg.solve(self.factors, apart)
        spread = self.factors[..., 0] if diagonal else np.diagonal(self.factors, axis1=1, axis2=2)
        constant = np.log(self.weights) - np.log(spread).sum(axis=1) - codes.shape[1] / 2 * np.log(2 * np.pi)
        return np.asarray(constant - (scaled**2).sum(axis=1).T / 2)
