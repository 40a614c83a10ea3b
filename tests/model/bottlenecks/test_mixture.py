"""The Gaussian-mixture VAE: its cost is the negative evidence lower bound, its clusters those of the data."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal, Normal

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain, Features
from narrows.model.bottlenecks.mixture import Mixture, sort
from narrows.model.build import build
from narrows.model.log_variance import bounded

COVARIANCES = ("diagonal", "full")


def askew(covariance: str, latent_dim: int = 2, components: int = 3) -> Mixture:
    """A mixture whose every parameter is random."""
    torch.manual_seed(1)
    mixture = Mixture((7,), latent_dim, components=components, covariance=covariance)  # type: ignore[arg-type]
    for parameter in mixture.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return mixture.double()


def clusters(mixture: Mixture) -> MultivariateNormal:
    """p(z | y), all of them, as torch writes them."""
    w = mixture.whitening()
    return MultivariateNormal(mixture.means, precision_matrix=w.mT @ w)


def prior_of(mixture: Mixture) -> MixtureSameFamily:
    return MixtureSameFamily(Categorical(logits=mixture.logits), clusters(mixture))


def nodes(mean: Tensor, log_var: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """Points and weights of Gauss and Hermite for means over N(mean, exp log_var), n per dimension."""
    points, weights = (torch.as_tensor(a) for a in np.polynomial.hermite_e.hermegauss(n))
    d = len(mean)
    grid = torch.stack([torch.stack(p) for p in itertools.product(points, repeat=d)])
    weight = torch.stack([torch.stack(w).prod() for w in itertools.product(weights, repeat=d)])
    return mean + (log_var / 2).exp() * grid, weight / weight.sum()


@pytest.mark.parametrize("covariance", COVARIANCES)
@torch.no_grad()
def test_the_cost_is_that_of_a_brute_force_integral(covariance: str) -> None:
    """Σ_y ∫ q(z) q(y) log q(z) q(y) / p(y) p(z | y), by quadrature, which is exact for squares of z."""
    mixture = askew(covariance)
    features = Features(torch.randn(6, 7, dtype=torch.double))
    costs = mixture(features, {}, sample=True).costs
    q_y = mixture.responsibilities(features)
    for i, (mean, log_var) in enumerate(zip(*mixture.posterior(features), strict=True)):
        z, weight = nodes(mean, log_var, 8)
        log_q = Normal(mean, (log_var / 2).exp()).log_prob(z).sum(1)
        kl = weight @ (log_q[:, None] - clusters(mixture).log_prob(z[:, None]))
        choice = q_y[i].log() - mixture.logits.log_softmax(0)
        torch.testing.assert_close(costs["kl"].value[0, i], q_y[i] @ kl)
        torch.testing.assert_close(costs["cluster"].value[0, i], q_y[i] @ choice)
        others = torch.distributions.Dirichlet(torch.ones(3, dtype=torch.double)).sample((1000,))
        worse = (others * (kl + others.log() - mixture.logits.log_softmax(0))).sum(1)
        assert worse.min() > costs["kl"].value[0, i] + costs["cluster"].value[0, i] - 1e-9


@pytest.mark.parametrize("covariance", COVARIANCES)
@torch.no_grad()
def test_the_cost_bounds_the_divergence_from_the_mixture(covariance: str) -> None:
    """It is never below KL(q(z | x) ‖ p(z)), and is it when there is but one cluster."""
    for components in (1, 3):
        mixture = askew(covariance, components=components)
        features = Features(torch.randn(10, 7, dtype=torch.double))
        costs = mixture(features, {}, sample=True).costs
        for i, (mean, log_var) in enumerate(zip(*mixture.posterior(features), strict=True)):
            z, weight = nodes(mean, log_var, 40)
            log_q = Normal(mean, (log_var / 2).exp()).log_prob(z).sum(1)
            exact = weight @ (log_q - prior_of(mixture).log_prob(z))
            gap = costs["kl"].value[0, i] + costs["cluster"].value[0, i] - exact
            assert gap > -1e-3  # the error of 40 nodes where clusters are narrow
            assert components > 1 or gap.abs() < 1e-9


@torch.no_grad()
def test_the_objective_bounds_the_evidence() -> None:
    """Of binary data with one code dimension, where log p(x) = log ∫ p(z) p(x | z) dz is a sum over a grid.

    The tolerance is five standard errors of the mean over 20,000 draws.
    """
    spec = {
        "encoder": {"name": "mlp", "widths": [8]},
        "bottleneck": {"name": "mixture", "latent_dim": 1, "components": 3},
        "loss": {"name": "bernoulli"},
    }
    torch.manual_seed(0)
    objective = build(spec, Domain((4,)))
    mixture = objective.model.bottleneck
    assert isinstance(mixture, Mixture)
    z = torch.linspace(-12, 12, 20_001)[:, None]
    for x in (torch.tensor([1.0, 0, 0, 1]), torch.tensor([0.0, 1, 1, 1])):
        logits = objective.model.decoder(z, (), {})
        log_x = -torch.nn.functional.binary_cross_entropy_with_logits(
            logits, x.expand_as(logits), reduction="none"
        ).sum(1)
        step = z[1, 0] - z[0, 0]
        evidence = (prior_of(mixture).log_prob(z) + log_x).logsumexp(0) + step.log()
        costs = objective(Batch(x.expand(20_000, 4)))
        total = sum(cost.weighted()[0] for cost in costs.parts.values())
        noise = total.std() / 20_000**0.5
        assert costs.total > -evidence - 5 * noise
        features = objective.model.encoder(x[None], {})
        mean, log_var = mixture.posterior(features)
        q_y = mixture.responsibilities(features)
        log_q = Normal(mean, (log_var / 2).exp()).log_prob(z) + q_y.log()
        log_p = clusters(mixture).log_prob(z[:, None]) + mixture.logits.log_softmax(0) + log_x[:, None]
        exact = (log_q.exp() * (log_q - log_p)).sum() * step
        assert (costs.total - exact).abs() < 5 * noise + 1e-3


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_responsibilities_are_shares_and_the_index_is_the_largest(covariance: str) -> None:
    mixture = askew(covariance, 4, 5)
    features = Features(torch.randn(20, 7, dtype=torch.double))
    share = mixture.responsibilities(features)
    assert share.shape == (20, 5)
    assert (share >= 0).all()
    torch.testing.assert_close(share.sum(1), torch.ones(20, dtype=torch.double))
    code = mixture(features, {}, sample=False)
    assert code.index is not None
    assert torch.equal(code.index, share.argmax(1))
    assert torch.equal(code.z[0], mixture.posterior(features)[0])


@pytest.mark.parametrize("covariance", COVARIANCES)
@torch.no_grad()
def test_the_prior_has_the_moments_of_the_mixture(covariance: str) -> None:
    mixture = askew(covariance).float()
    z = mixture.prior(200_000, torch.Generator().manual_seed(0))
    assert torch.equal(z, mixture.prior(200_000, torch.Generator().manual_seed(0)))
    weight, each = mixture.logits.softmax(0), clusters(mixture)
    mean = weight @ mixture.means
    apart = mixture.means - mean
    covariances = each.covariance_matrix + apart[:, :, None] * apart[:, None]
    whole = (weight[:, None, None] * covariances).sum(0)
    torch.testing.assert_close(z.mean(0), mean, atol=0.03, rtol=0.01)
    torch.testing.assert_close(z.T.cov(), whole, atol=0.05, rtol=0.03)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_every_parameter_has_a_gradient_and_costs_stay_finite(covariance: str) -> None:
    mixture = Mixture((7,), 3, components=4, covariance=covariance)  # type: ignore[arg-type]
    for size in (1.0, 1e4):
        costs = mixture(Features(size * torch.randn(16, 7)), {}, sample=True).costs
        total = sum(cost.weighted().mean() for cost in costs.values())
        mixture.zero_grad()
        total.backward()  # type: ignore[union-attr]
        assert total.isfinite()  # type: ignore[union-attr]
        assert all(p.grad.isfinite().all() and p.grad.abs().sum() > 0 for p in mixture.parameters())


def blobs(n: int = 1500) -> tuple[Tensor, Tensor]:
    """Three clusters in the plane: two that lie askew side by side, and a smaller round one."""
    torch.manual_seed(5)
    label = torch.multinomial(torch.tensor([0.4, 0.4, 0.2]), n, replacement=True)
    long = torch.tensor([[1.0, 1.0], [-0.1, 0.1]])
    centre = torch.tensor([[0.0, 1.0], [1.0, 0.0], [-4.0, 3.0]])
    drawn = torch.randn(n, 2)
    return torch.where((label < 2)[:, None], drawn @ long, 0.3 * drawn) + centre[label], label


def test_clusters_settle_where_the_codes_lie_together() -> None:
    codes, label = blobs()
    mixture = Mixture((7,), 2, components=3, covariance="full", pretrain=0.5)
    assert not mixture.settled
    mixture.settle(codes)
    assert mixture.settled
    found = clusters(mixture)
    owner = (found.log_prob(codes[:, None]) + mixture.logits.log_softmax(0)).argmax(1)
    of = [int(owner[label == y].mode().values) for y in range(3)]
    assert sorted(of) == [0, 1, 2]
    assert (owner == torch.tensor(of)[label]).float().mean() > 0.98
    for y in range(3):
        own = codes[label == y]
        torch.testing.assert_close(found.mean[of[y]], own.mean(0), atol=0.1, rtol=0)
        torch.testing.assert_close(found.covariance_matrix[of[y]], own.T.cov(), atol=0.15, rtol=0)
    share = torch.tensor([0.4, 0.4, 0.2])
    torch.testing.assert_close(mixture.logits.softmax(0)[of], share, atol=0.04, rtol=0)


def test_a_diagonal_mixture_settles_with_the_variances_of_its_columns() -> None:
    codes, _ = blobs()
    mixture = Mixture((7,), 2, components=1, pretrain=0.5)
    mixture.settle(codes)
    torch.testing.assert_close(mixture.means[0], codes.mean(0))
    torch.testing.assert_close(
        bounded(mixture.log_vars[0]).exp(), codes.var(0, correction=0), rtol=1e-3, atol=0
    )


def test_a_column_of_noise_settles_with_the_variance_that_the_posterior_has() -> None:
    """A dimension that a VAE has given up has the mean 0 for all and the variance 1."""
    codes, _ = blobs()
    mixture = Mixture((7,), 3, components=3, pretrain=0.5)
    mixture.settle(torch.cat([codes, 0.01 * torch.randn(len(codes), 1)], dim=1))
    torch.testing.assert_close(bounded(mixture.log_vars[:, 2]), torch.zeros(3), atol=0.01, rtol=0)


@pytest.mark.parametrize("n", [1, 2, 10, 11, 60])
def test_few_or_equal_codes_settle_to_numbers(n: int) -> None:
    for codes in (torch.randn(n, 4), torch.ones(n, 4)):
        mixture = Mixture((7,), 4, components=10, covariance="full", pretrain=0.5)
        mixture.settle(codes)
        assert all(p.isfinite().all() for p in mixture.parameters())
        assert mixture.prior(5, torch.Generator()).isfinite().all()


def test_the_same_seed_settles_the_same() -> None:
    codes, _ = blobs(600)
    torch.manual_seed(3)
    first = sort(codes.double(), 4)
    torch.manual_seed(3)
    assert torch.equal(sort(codes.double(), 4), first)
    torch.testing.assert_close(first.sum(1), torch.ones(600, dtype=torch.double))


def test_before_the_clusters_comes_a_plain_vae() -> None:
    mixture = Mixture((7,), 4, pretrain=0.5)
    features = Features(torch.randn(5, 7))
    code = mixture(features, {}, sample=True)
    mean, log_var = mixture.posterior(features)
    expected = torch.distributions.kl_divergence(Normal(mean, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(code.costs["kl"].value[0], expected)
    assert code.index is None
    again = Mixture((7,), 4, pretrain=0.5)
    mixture.settle(torch.randn(100, 4))
    again.load_state_dict(mixture.state_dict())
    assert again.settled
    assert set(again(features, {}, sample=True).costs) == {"kl", "cluster"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"components": 0}, "'components' is 0"),
        ({"pretrain": 1.5}, r"'pretrain' is 1\.5, but must be between 0 and 1"),
        ({"beta": -1.0}, "'beta' is -1, but must be at least 0"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Mixture((7,), 4, **options)  # type: ignore[arg-type]
