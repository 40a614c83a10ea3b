"""The Gaussian-mixture VAE: the prior is a mixture, and each code is assigned to a cluster.

The model is p(y) p(z | y) p(x | z) with y one of K clusters and p(z | y) = N(m_y, Σ_y), from
Varolgüneş, Bereau & Rudzinski 2020, "Interpretable embeddings from molecular simulations using
Gaussian mixture variational autoencoders", Machine Learning: Science and Technology 1. They infer
q(z | x, y), which takes K passes of the decoder. Here the posterior is q(z | x) q(y | x) and takes one
pass, as in Jiang et al. 2017, "Variational deep embedding", IJCAI. They use q(y | x) = p(y | z) with a
sampled z; here q(y | x) is the optimum for q(z | x), in closed form.
"""

from __future__ import annotations

import warnings
from math import prod
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.records import Code, Context, Cost, Features, per_example
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck
from narrows.model.bottlenecks.coding import BITS, Bins, Normals
from narrows.model.distributions import Integers, Listed, Stack, on_grid, shares
from narrows.model.log_variance import bounded, divergence, unbounded

COMPONENTS_PER_CLUSTER = 8
"""The number of mixture components per cluster that `sort` fits before it merges them."""


class Mixture(Bottleneck):
    """z ~ q(z | x) = N(μ, σ²), at the cost β · (Σ_y q(y | x) KL(q(z | x) ‖ p(z | y)) + KL(q(y | x) ‖ π)).

    The first sum is the cost "kl", the second term is "cluster", both in nats. Their sum is minimal for
    q(y | x) ∝ π_y exp(-KL(q(z | x) ‖ p(z | y))) and is then -log Σ_y π_y exp(-KL_y), an upper bound of
    KL(q(z | x) ‖ p(z)), so that with β = 1 the objective is a bound of the evidence. With sample=False the
    code is μ; `Code.index (batch,)` is the likeliest cluster.

    Training with random clusters ends in a poor optimum. Jiang et al. first train a plain autoencoder and
    fit K normal distributions to its codes. Here a share of the training is that of a VAE with the prior
    N(0, I); `settle` then initialises the clusters from its codes.

    Args:
        components: number of clusters, K.
        covariance: of a cluster: "diagonal", as in the paper, or "full", with correlations.
        beta: weight of the cost; with 1 the objective is the (negative) evidence lower bound.
        pretrain: share of the epochs before the clusters are initialised; with 0 they are random.
    """

    reference = (
        "Varolgüneş, Bereau & Rudzinski 2020. Interpretable embeddings from molecular simulations using "
        "Gaussian mixture variational autoencoders. Machine Learning: Science and Technology 1."
    )
    probabilistic = True
    lower: Tensor | None
    settled: Tensor

    def __init__(
        self,
        in_shape: tuple[int, ...],
        latent_dim: int,
        *,
        components: int = 10,
        covariance: Literal["diagonal", "full"] = "diagonal",
        beta: float = 1.0,
        pretrain: float = 0.0,
    ) -> None:
        super().__init__(in_shape, latent_dim)
        self.code_shape = (latent_dim,)
        self.components = self.choices = int(within("components", components, 1, 10_000))
        self.beta = within("beta", beta, 0)
        self.pretrain = within("pretrain", pretrain, 0, 1)
        self.project = nn.Linear(prod(in_shape), 2 * latent_dim)
        self.logits = nn.Parameter(torch.zeros(self.components))
        self.means = nn.Parameter(torch.randn(self.components, latent_dim))
        self.log_vars = nn.Parameter(torch.zeros(self.components, latent_dim))
        below = torch.zeros(self.components, latent_dim * (latent_dim - 1) // 2)
        self.register_parameter("lower", nn.Parameter(below) if covariance == "full" else None)
        self.register_buffer("settled", torch.tensor(pretrain == 0))

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        mean, log_var = self.posterior(features)
        log_std = log_var / 2
        std = torch.exp(log_std)
        z = torch.addcmul(mean, std, torch.randn_like(mean)) if sample else mean
        if not self.settled:
            kl = divergence(mean, std, log_std)
            return Code(z[None], {"kl": Cost(per_example(kl[None], context), self.beta)})
        kl = self.divergences(mean, log_var)
        log_q = (self.logits.log_softmax(0) - kl).log_softmax(1)
        parts = {"kl": kl, "cluster": log_q - self.logits.log_softmax(0)}
        costs = {name: per_example((log_q.exp() * part)[None], context) for name, part in parts.items()}
        return Code(z[None], {name: Cost(cost, self.beta) for name, cost in costs.items()}, log_q.argmax(1))

    def encode(self, features: Features, context: Context) -> Tensor:
        return self.posterior(features)[0]

    def posterior(self, features: Features) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the code, each `(batch, latent_dim)`."""
        mean, raw = self.project(features.h.flatten(1)).chunk(2, dim=1)
        return mean, bounded(raw)

    def uncertainty(self, features: Features) -> Tensor:
        return self.posterior(features)[1].exp()

    def responsibilities(self, features: Features) -> Tensor:
        """q(y | x) `(batch, components)`: the probability of each cluster for each example."""
        return (self.logits.log_softmax(0) - self.divergences(*self.posterior(features))).softmax(1)

    def divergences(self, mean: Tensor, log_var: Tensor) -> Tensor:
        """KL(N(mean, exp log_var) ‖ p(z | y)) of each row and cluster, `(batch, components)` in nats."""
        w = self.whitening()
        rotated = (mean @ w.flatten(0, 1).T).view(-1, *w.shape[:2])
        difference = rotated - (w @ self.means[..., None])[..., 0]
        trace = log_var.exp() @ (w**2).sum(1).T
        log_ratio = bounded(self.log_vars).sum(1) - log_var.sum(1, keepdim=True)
        return 0.5 * ((difference**2).sum(2) + trace - self.latent_dim + log_ratio)

    def whitening(self) -> Tensor:
        """W `(components, latent_dim, latent_dim)`, lower triangular: W (z - m) ~ N(0, I) and Σ⁻¹ = Wᵀ W."""
        w = torch.diag_embed((-bounded(self.log_vars) / 2).exp())
        if self.lower is None:
            return w
        i, j = torch.tril_indices(self.latent_dim, self.latent_dim, -1, device=w.device)
        return w.index_put((torch.arange(len(w), device=w.device)[:, None], i, j), self.lower)

    @torch.no_grad()
    def settle(self, codes: Tensor) -> None:
        """Initialise the clusters from the posterior means `codes (n, latent_dim)` after the first stage."""
        z = codes.detach().cpu().double()
        # The constant keeps the parameters of an empty cluster finite.
        share = sort(z, self.components) + 1e-6
        weight = share.sum(0)
        means = share.T @ z / weight[:, None]
        covariance = torch.stack([weighted_covariance(z - m, w) for m, w in zip(means, share.T, strict=True)])
        # At the optimum of a VAE the variance of the means plus the posterior variance is 1.
        total = z.var(0, correction=0)
        noise = (1 - total).clamp(min=0) + 1e-4 * total + 1e-8
        covariance = covariance + torch.diag(noise)
        if self.lower is None:
            covariance = torch.diag_embed(covariance.diagonal(dim1=1, dim2=2))
        w = torch.linalg.inv(torch.linalg.cholesky(covariance))
        self.logits.copy_((weight / weight.sum()).log())
        self.means.copy_(means)
        self.log_vars.copy_(unbounded(-2 * w.diagonal(dim1=1, dim2=2).log()))
        if self.lower is not None:
            i, j = torch.tril_indices(self.latent_dim, self.latent_dim, -1)
            self.lower.copy_(w[:, i, j])
        self.settled.fill_(True)

    @property
    def drawn_bits(self) -> int:
        return BITS * self.latent_dim + 12

    def draw(self, features: Features, stack: Stack) -> Integers:
        """The cluster, then the bins of the code: `(batch, 1 + latent_dim)`."""
        clusters = stack.pop(Listed(self.chances(features)))
        return np.column_stack([clusters, self.of_example(features).pop(stack)])

    def give_back(self, features: Features, numbers: Integers, stack: Stack) -> None:
        self.of_example(features).push(numbers[:, 1:], stack)
        stack.push(numbers[:, 0], Listed(self.chances(features)))

    def store(self, numbers: Integers, stack: Stack) -> None:
        self.of_cluster(numbers[:, 0]).push(numbers[:, 1:], stack)
        stack.push(numbers[:, 0], Listed(self.sizes(), len(numbers)))

    def fetch(self, n: int, stack: Stack) -> Integers:
        clusters = stack.pop(Listed(self.sizes(), n))
        return np.column_stack([clusters, self.of_cluster(clusters).pop(stack)])

    def placed(self, numbers: Integers) -> Tensor:
        return torch.as_tensor(self.bins().middle(numbers[:, 1:]))

    def sizes(self) -> Integers:
        """The frequencies of the clusters."""
        weights = self.logits if self.settled else torch.zeros_like(self.logits)
        return shares(weights.softmax(0)[None].numpy())[0]

    def chances(self, features: Features) -> Integers:
        """The frequencies of the clusters for each example, `(batch, components)`."""
        given = self.responsibilities(features)
        return shares((given if self.settled else torch.full_like(given, 1 / self.components)).numpy())

    def of_example(self, features: Features) -> Normals:
        """The posterior of the code, on bins."""
        mean, log_var = self.posterior(features)
        return Normals(self.bins(), mean.numpy(), torch.exp(-log_var / 2).numpy())

    def of_cluster(self, clusters: Integers) -> Normals:
        """The distributions of the codes of `clusters (n,)`, on bins."""
        if not self.settled:
            zeros = np.zeros((len(clusters), self.latent_dim))
            return Normals(self.bins(), zeros, zeros + 1)
        return Normals(self.bins(), self.means.numpy()[clusters], self.whitening().numpy()[clusters])

    def bins(self) -> Bins:
        """Bins that are wide enough for all clusters."""
        return Bins(float(on_grid(np.array(1 + self.means.abs().max().item() / 2), 4)))

    def prior(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        device = self.prior_device(generator)
        noise = torch.randn(n, self.latent_dim, generator=generator, device=device)
        if not self.settled:
            return noise
        weights = self.logits.detach().to(device).softmax(0)
        y = weights.multinomial(n, replacement=True, generator=generator)
        w = self.whitening().detach().to(device)
        z = torch.linalg.solve_triangular(w[y], noise[..., None], upper=False)[..., 0]
        return self.means.detach().to(device)[y] + z


def weighted_covariance(centred: Tensor, weight: Tensor) -> Tensor:
    """The covariance `(d, d)` of rows `centred (n, d)`, minus their mean, with weights `(n,)`."""
    return (centred.T * weight) @ centred / weight.sum()


def sort(z: Tensor, clusters: int) -> Tensor:
    """The probability of each cluster for each code `z (n, d)`, `(n, clusters)`.

    A cluster need not be a normal distribution: a mixture of more components than clusters is fitted, and
    overlapping components are merged by the normalized cut (Shi & Malik 2000, IEEE TPAMI 22). Hennig 2010,
    "Methods for merging Gaussian mixture components", Advances in Data Analysis and Classification 4,
    does so with other measures of overlap. The result depends less on the seed than that of a mixture
    with one component per cluster.
    """
    n, d = z.shape
    if clusters == 1 or n <= clusters:
        return torch.eye(n, clusters, dtype=z.dtype) if clusters > 1 else z.new_ones(n, 1)
    # A covariance of about d²/2 parameters needs 10 d codes at least.
    components = min(COMPONENTS_PER_CLUSTER * clusters, n // (10 * d))
    if components < 2 * clusters:
        return fit_components(z, clusters)
    share = fit_components(z, components)
    return share @ nn.functional.one_hot(merge(share, clusters), clusters).double()


def merge(share: Tensor, clusters: int) -> Tensor:
    """The cluster `(components,)` of each component, from responsibilities `share (n, components)`."""
    from sklearn.cluster import SpectralClustering

    size = share.sum(0).clamp(min=1e-6)
    overlap = share.T @ share / (size[:, None] * size).sqrt()
    # The cut is defined for a connected graph.
    overlap = overlap.fill_diagonal_(0) + 1e-8
    cut = SpectralClustering(
        clusters, affinity="precomputed", assign_labels="cluster_qr", random_state=draw()
    )
    return torch.as_tensor(cut.fit_predict(overlap.numpy())).long()


def fit_components(z: Tensor, components: int) -> Tensor:
    """Responsibilities `(n, components)` of a Gaussian mixture with full covariances."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    ridge = 1e-4 * float(z.var(0, correction=0).mean()) + 1e-8
    mixture = GaussianMixture(components, covariance_type="full", reg_covar=ridge, random_state=draw())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return torch.as_tensor(mixture.fit(z.numpy()).predict_proba(z.numpy()))


def draw() -> int:
    """A seed for scikit-learn from torch's global generator."""
    return int(torch.randint(2**31, ()))
