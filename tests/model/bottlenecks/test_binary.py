from __future__ import annotations

import torch
from torch.distributions import Bernoulli, kl_divergence

from narrows.core.records import Features
from narrows.model.bottlenecks.binary import Binary


def test_a_binary_code_is_bits_at_the_cost_of_torchs_divergence() -> None:
    torch.manual_seed(0)
    bottleneck, h = Binary((6,), 3), 3 * torch.randn(20_000, 6)
    p = torch.sigmoid(bottleneck.project(h))
    likelier = bottleneck(Features(h), {}, sample=False)
    assert torch.equal(likelier.z[0], (p > 0.5).float())
    theirs = kl_divergence(Bernoulli(p), Bernoulli(torch.full_like(p, 0.5))).sum(1)
    torch.testing.assert_close(likelier.costs["kl"].value[0], theirs, atol=1e-5, rtol=1e-4)
    drawn = bottleneck(Features(h[:1].expand(20_000, 6)), {}, sample=True).z[0]
    assert set(drawn.unique().tolist()) <= {0.0, 1.0}
    torch.testing.assert_close(drawn.mean(0), p[0], atol=0.02, rtol=0)


def test_gradients_pass_a_bit_as_if_it_were_its_probability() -> None:
    bottleneck, h = Binary((6,), 3), torch.randn(8, 6)
    weights = torch.randn(3)
    (bits,) = torch.autograd.grad(
        (bottleneck(Features(h), {}, sample=True).z[0] @ weights).sum(), bottleneck.project.weight
    )
    (mean,) = torch.autograd.grad(
        (torch.sigmoid(bottleneck.project(h)) @ weights).sum(), bottleneck.project.weight
    )
    torch.testing.assert_close(bits, mean)
