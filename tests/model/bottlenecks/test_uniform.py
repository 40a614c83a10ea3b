from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import truncnorm

from narrows.core.records import Features
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.model.bottlenecks.uniform import EDGE, WIDEST, Truncated, Uniform
from tests.samples import curve

CASES = [(0.0, 1.0), (0.3, 0.01), (-1.2, 0.4), (1.7, 0.2), (EDGE, 0.05), (-0.5, 5.0), (1.0, WIDEST)]


def truncated(location: float, scale: float) -> Truncated:
    return Truncated(*torch.tensor([[location], [scale]], dtype=torch.double))


@pytest.mark.parametrize(("location", "scale"), CASES)
def test_divergence_and_moments_are_those_of_numerical_integration(location: float, scale: float) -> None:
    ours = truncated(location, scale)
    theirs = truncnorm((-EDGE - location) / scale, (EDGE - location) / scale, location, scale)

    def integral(f: object) -> float:
        near = [np.clip(location + k * scale, -EDGE, EDGE) for k in (-8, -2, 0, 2, 8)]
        return float(quad(f, -EDGE, EDGE, points=near, limit=500)[0])

    def excess(z: float) -> float:
        q = theirs.pdf(z)
        return float(q * np.log(q * 2 * EDGE)) if q > 0 else 0.0

    assert ours.divergence().item() == pytest.approx(integral(excess), abs=1e-6)
    mean = integral(lambda z: z * theirs.pdf(z))
    assert ours.mean().item() == pytest.approx(mean, abs=1e-6)
    variance = integral(lambda z: (z - mean) ** 2 * theirs.pdf(z))
    assert ours.variance().item() == pytest.approx(variance, rel=1e-5)


def test_a_wide_posterior_is_the_prior() -> None:
    wide = truncated(0.0, WIDEST)
    assert 0 <= wide.divergence().item() < 1e-5
    assert wide.variance().item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("location", "scale"), CASES)
def test_draws_follow_the_truncated_normal_inside_the_box(location: float, scale: float) -> None:
    torch.manual_seed(0)
    theirs = truncnorm((-EDGE - location) / scale, (EDGE - location) / scale, location, scale)
    many = truncated(location, scale)
    z = Truncated(many.location.float().expand(40_000), many.scale.float().expand(40_000)).draw()
    assert z.abs().max() <= EDGE
    ranks = np.linspace(0.05, 0.95, 10)
    np.testing.assert_allclose(theirs.cdf(np.quantile(z, ranks)), ranks, atol=0.012)


def test_gradients_pass_through_draw_and_divergence() -> None:
    def costs(location: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(0)
        q = Truncated(location, scale)
        return q.draw().square() + q.divergence()

    location, scale = (torch.tensor(part, dtype=torch.double) for part in zip(*CASES, strict=True))
    inside = location.clamp(-1.7, 1.7)
    assert torch.autograd.gradcheck(costs, (inside.requires_grad_(), scale.requires_grad_()))


def test_gradients_are_finite_however_far_the_network_goes() -> None:
    bottleneck = Uniform((7,), 4)
    h = (1000 * torch.randn(200, 7)).requires_grad_()
    code = bottleneck(Features(h), {}, sample=True)
    (code.z.sum() + code.costs["kl"].value.sum()).backward()
    assert h.grad is not None
    assert h.grad.isfinite().all()
    assert (code.costs["kl"].value > -1e-3).all()


def test_the_prior_is_uniform_with_variance_1() -> None:
    z = Uniform((7,), 3).prior(50_000, torch.Generator().manual_seed(0))
    torch.testing.assert_close(z.var(0), torch.ones(3), atol=0.02, rtol=0)
    ranks = torch.linspace(0.1, 0.9, 9)
    torch.testing.assert_close(torch.quantile(z[:, 0], ranks), EDGE * (2 * ranks - 1), atol=0.03, rtol=0)


def test_clean_data_have_narrow_posteriors_that_fill_the_box() -> None:
    overrides = {"bottleneck": {"name": "uniform"}, "training": {"epochs": 100}}
    run = fit(as_data(curve(600)), recipe="vae", latent_dim=2, overrides=overrides)
    x = torch.as_tensor(run.scaled(curve(600)))
    features = run.model.encoder(x, {})
    spread = run.model.bottleneck.uncertainty(features).mean(0)
    used = run.encode(curve(600))[:, int(spread.argmin())]
    assert spread.min() < 0.05
    assert used.min() < -1
    assert used.max() > 1
