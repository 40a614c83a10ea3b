from __future__ import annotations

import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from narrows.core.records import Features
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.model.bottlenecks.gaussian import Gaussian
from narrows.model.log_variance import bounded
from tests.samples import curve


def code_of(bottleneck: Gaussian, sample: bool = True):  # type: ignore[no-untyped-def]
    torch.manual_seed(3)
    return bottleneck(Features(torch.randn(5, 7)), {}, sample=sample)


def test_the_divergence_is_that_of_torch() -> None:
    bottleneck = Gaussian((7,), 4)
    code = code_of(bottleneck)
    torch.manual_seed(3)
    mean, log_var, _ = bottleneck.posterior(Features(torch.randn(5, 7)))
    expected = kl_divergence(Normal(mean, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(code.costs["kl"].value[0], expected)


def test_codes_are_drawn_from_the_posterior_and_the_mean_is_taken_otherwise() -> None:
    bottleneck = Gaussian((7,), 4)
    h = torch.randn(1, 7).expand(20_000, 7)
    mean, log_var, _ = bottleneck.posterior(Features(h))
    z = bottleneck(Features(h), {}, sample=True).z[0]
    torch.testing.assert_close(z.mean(0), mean[0], atol=0.03, rtol=0)
    torch.testing.assert_close(z.std(0), (log_var[0] / 2).exp(), atol=0.03, rtol=0)
    assert torch.equal(bottleneck(Features(h), {}, sample=False).z[0], mean)


def test_gradients_pass_through_the_draw() -> None:
    """K2: with respect to mean and log-variance they match finite differences."""
    eps = torch.randn(3, 2, dtype=torch.double)

    def drawn(mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
        return (mean + torch.exp(bounded(log_var) / 2) * eps).square().sum()

    inputs = (torch.randn(3, 2, dtype=torch.double, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(drawn, tuple(inputs))


def test_warm_up_grows_to_beta_in_training_and_is_beta_in_evaluation() -> None:
    bottleneck = Gaussian((7,), 4, beta=4.0, warm_up=0.5)
    weights = []
    for done in (0.0, 0.25, 0.5, 1.0):
        bottleneck.progress.fill_(done)
        weights.append(float(code_of(bottleneck).costs["kl"].weight))
    assert weights == [0, 2, 4, 4]
    bottleneck.progress.fill_(0.0)
    assert code_of(bottleneck.eval()).costs["kl"].weight == 4


def test_free_bits_are_a_floor_per_dimension() -> None:
    bottleneck = Gaussian((7,), 4, free_bits=100.0)
    assert torch.equal(code_of(bottleneck).costs["kl"].value, torch.full((1, 5), 400.0))


def test_a_vae_of_clean_data_is_sure_of_its_codes_and_uses_both_signs() -> None:
    run = fit(as_data(curve(600)), recipe="vae", latent_dim=2, overrides={"training": {"epochs": 100}})
    x = torch.as_tensor(run.scaled(curve(600)))
    mean, log_var, _ = run.model.bottleneck.posterior(run.model.encoder(x, {}))  # type: ignore[operator]
    sigma = (log_var / 2).exp().mean(0)
    used = sigma.argmin()
    assert sigma[used] < 0.2
    assert mean[:, used].min() < -0.5
    assert mean[:, used].max() > 0.5


def test_a_full_covariance_has_the_divergence_and_the_spread_of_torch() -> None:
    torch.manual_seed(2)
    bottleneck = Gaussian((7,), 3, covariance="full").double()
    h = torch.randn(1, 7, dtype=torch.double)
    mean, log_var, below = bottleneck.posterior(Features(h))
    factor = below + torch.diag_embed((log_var / 2).exp())
    assert below.abs().sum() > 0
    assert torch.equal(below, below.tril(-1))
    code = bottleneck(Features(h.expand(200_000, 7)), {}, sample=True)
    theirs = kl_divergence(
        MultivariateNormal(mean, scale_tril=factor),
        MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double()),
    )
    torch.testing.assert_close(code.costs["kl"].value[0, :1], theirs)
    torch.testing.assert_close(code.z[0].T.cov(), (factor @ factor.mT)[0], atol=0.02, rtol=0.02)
