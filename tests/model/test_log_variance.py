from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from narrows.core.records import Features
from narrows.model.bottlenecks.gaussian import Gaussian
from narrows.model.log_variance import bounded, divergence, unbounded


@pytest.mark.parametrize("size", [1e4, 1e30])
def test_a_log_variance_stays_finite_and_keeps_its_gradient(size: float) -> None:
    bottleneck = Gaussian((1,), 2)
    code = bottleneck(Features(torch.tensor([[size], [-size]])), {}, sample=True)
    log_var = bottleneck.posterior(Features(torch.tensor([[size], [-size]])))[1]
    assert log_var.abs().max() <= 14
    assert log_var.exp().isfinite().all()
    assert code.z.isfinite().all()
    near = torch.tensor([20.0], requires_grad=True)
    bounded(near).backward()
    assert near.grad is not None
    assert near.grad > 0


def test_the_divergence_is_torchs() -> None:
    mean, log_var = torch.randn(2, 50, 3)
    std = (log_var / 2).exp()
    theirs = kl_divergence(Normal(mean, std), Normal(0.0, 1.0))
    torch.testing.assert_close(divergence(mean, std, log_var / 2), theirs)
    assert divergence(torch.zeros(1), torch.ones(1), torch.zeros(1)).item() == 0


def test_the_bound_has_an_inverse_inside_and_a_slope_at_its_ends() -> None:
    log_var = torch.linspace(-13.5, 13.5, 28)
    torch.testing.assert_close(bounded(unbounded(log_var)), log_var)
    ends = torch.tensor([-14.0, 14.0])
    raw = unbounded(ends).requires_grad_()
    bounded(raw).sum().backward()
    assert raw.grad is not None
    assert raw.grad.min() > 0.01
