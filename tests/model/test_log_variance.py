from __future__ import annotations

import pytest
import torch

from narrows.core.records import Features
from narrows.model.bottlenecks.gaussian import Gaussian
from narrows.model.log_variance import bounded


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
