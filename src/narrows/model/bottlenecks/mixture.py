"""The Gaussian-mixture VAE: the prior has clusters, and a code says which one it belongs to.

The model is p(y) p(z | y) p(x | z) with y one of K clusters and p(z | y) = N(m_y, Σ_y), as of
Varolgüneş, Bereau & Rudzinski 2020, "Interpretable embeddings from molecular simulations using
Gaussian mixture variational autoencoders", Machine Learning: Science and Technology 1. They infer
q(z | x, y) and need K passes of the decoder. Here the inference is that of Jiang et al. 2017,
"Variational deep embedding", IJCAI, with q(z | x) q(y | x) and one pass; but where they take
q(y | x) = p(y | z) of a drawn z, it is the best there is for q(z | x), in closed form.
"""

from __future__ import annotations

import warnings
from math import prod
from typing import Literal

import torch
from torch import Tensor, nn

from narrows.core.records import Code, Context, Cost, Features, per_example
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck
from narrows.model.log_variance import bounded, divergence, unbounded

PIECES = 8
"""Pieces per cluster that `settle` first takes the codes apart into."""


class Mixture(Bottleneck):
    """z ~ q(z | x) = N(μ, σ²), at the cost β · (Σ_y q(y | x) KL(q(z | x) ‖ p(z | y)) + KL(q(y | x) ‖ π)).

    The first sum is the cost "kl", the rest "cluster", in nats. q(y | x) ∝ π_y exp(-KL(q(z | x) ‖ p(z | y)))
    makes them least, -log Σ_y π_y exp(-KL_y), which is never below KL(q(z | x) ‖ p(z)): with β = 1 the
    objective is a bound of the evidence. With sample=False the code is μ; `Code.index (batch,)` is
    the likeliest cluster.

    Random clusters end in a poor optimum. Jiang et al. train a plain autoencoder before and fit K
    normals to its codes; here a share of the training is spent on a VAE with the prior N(0, I), whose
    codes `settle` then sorts.

    Args:
        components: number of clusters, K.
        covariance: "diagonal", as in the paper; "full", for clusters that lie askew.
        beta: weight of the cost; 1 makes the objective the (negative) evidence lower bound.
        pretrain: share of the epochs that come before the clusters do; 0 starts with random ones.
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
        z = mean + torch.exp(log_var / 2) * torch.randn_like(mean) if sample else mean
        if not self.settled:
            kl = divergence(mean, log_var)
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
        """q(y | x) `(batch, components)`: how much each cluster has of each example, in all 1."""
        return (self.logits.log_softmax(0) - self.divergences(*self.posterior(features))).softmax(1)

    def divergences(self, mean: Tensor, log_var: Tensor) -> Tensor:
        """KL(N(mean, exp log_var) ‖ p(z | y)) of each row and cluster, `(batch, components)` in nats."""
        w = self.whitening()
        rotated = (mean @ w.flatten(0, 1).T).view(-1, *w.shape[:2])
        apart = rotated - (w @ self.means[..., None])[..., 0]
        spread = log_var.exp() @ (w**2).sum(1).T
        log_ratio = bounded(self.log_vars).sum(1) - log_var.sum(1, keepdim=True)
        return 0.5 * ((apart**2).sum(2) + spread - self.latent_dim + log_ratio)

    def whitening(self) -> Tensor:
        """W `(components, latent_dim, latent_dim)` with W (z - m) ~ N(0, I): lower triangles, Σ⁻¹ = Wᵀ W."""
        w = torch.diag_embed((-bounded(self.log_vars) / 2).exp())
        if self.lower is None:
            return w
        i, j = torch.tril_indices(self.latent_dim, self.latent_dim, -1, device=w.device)
        return w.index_put((torch.arange(len(w), device=w.device)[:, None], i, j), self.lower)

    @torch.no_grad()
    def settle(self, codes: Tensor) -> None:
        """Place the clusters where the means `codes (n, latent_dim)` of the first stage lie together."""
        z = codes.detach().cpu().double()
        # A cluster that got nothing gets a little of everything.
        share = sort(z, self.components) + 1e-6
        weight = share.sum(0)
        means = share.T @ z / weight[:, None]
        covariance = torch.stack([weighted_covariance(z - m, w) for m, w in zip(means, share.T, strict=True)])
        # In a VAE means and noise together have the variance 1, or a scaled code would cost less.
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

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        noise = torch.randn(n, self.latent_dim, generator=generator)
        if not self.settled:
            return noise
        weights = self.logits.detach().cpu().softmax(0)
        y = weights.multinomial(n, replacement=True, generator=generator)
        w = self.whitening().detach().cpu()
        z = torch.linalg.solve_triangular(w[y], noise[..., None], upper=False)[..., 0]
        return self.means.detach().cpu()[y] + z


def weighted_covariance(apart: Tensor, weight: Tensor) -> Tensor:
    """Of rows `apart (n, d)` from their mean, each with a weight."""
    return (apart.T * weight) @ apart / weight.sum()


def sort(z: Tensor, clusters: int) -> Tensor:
    """How much of each code `z (n, d)` belongs to each cluster, `(n, clusters)`, rows summing to 1.

    A cluster need not be one normal distribution: the codes are taken apart into more pieces than
    there are clusters, and pieces that overlap are put together again by the normalized cut (Shi &
    Malik 2000, IEEE TPAMI 22), as Hennig 2010, "Methods for merging Gaussian mixture components",
    Advances in Data Analysis and Classification 4, does by other measures of overlap. It is less a
    matter of luck than a mixture of as many normals as there are clusters.
    """
    n, d = z.shape
    if clusters == 1 or n <= clusters:
        return torch.eye(n, clusters, dtype=z.dtype) if clusters > 1 else z.new_ones(n, 1)
    # A covariance is some d²/2 numbers, which fewer than 10 d codes say too little about.
    pieces = min(PIECES * clusters, n // (10 * d))
    if pieces < 2 * clusters:
        return fit_pieces(z, clusters)
    share = fit_pieces(z, pieces)
    return share @ nn.functional.one_hot(merge(share, clusters), clusters).double()


def merge(share: Tensor, clusters: int) -> Tensor:
    """The cluster `(pieces,)` of each piece, from how much of each code it has, `share (n, pieces)`."""
    from sklearn.cluster import SpectralClustering

    size = share.sum(0).clamp(min=1e-6)
    overlap = share.T @ share / (size[:, None] * size).sqrt()
    # A graph in one piece is what the cut is defined for.
    overlap = overlap.fill_diagonal_(0) + 1e-8
    cut = SpectralClustering(
        clusters, affinity="precomputed", assign_labels="cluster_qr", random_state=draw()
    )
    return torch.as_tensor(cut.fit_predict(overlap.numpy())).long()


def fit_pieces(z: Tensor, pieces: int) -> Tensor:
    """Responsibilities `(n, pieces)` of a mixture of normals with full covariances."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    ridge = 1e-4 * float(z.var(0, correction=0).mean()) + 1e-8
    mixture = GaussianMixture(pieces, covariance_type="full", reg_covar=ridge, random_state=draw())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return torch.as_tensor(mixture.fit(z.numpy()).predict_proba(z.numpy()))


def draw() -> int:
    """A seed for scikit-learn from torch's global generator."""
    return int(torch.randint(2**31, ()))
