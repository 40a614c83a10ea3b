from __future__ import annotations

import torch

from narrows.corruptions import Gaussian, Mask, SaltPepper
from narrows.model import build
from narrows.records import Batch, Domain

DOMAIN = Domain((1, 40, 40), -1.0, 2.0)
X = torch.rand(50, 1, 40, 40) - 0.2


def test_gaussian_noise_has_its_spread_and_may_be_clamped() -> None:
    noise = Gaussian(DOMAIN, std=0.3)(X) - X
    assert abs(noise.mean()) < 0.005
    assert abs(noise.std() - 0.3) < 0.005
    loud = Gaussian(DOMAIN, std=5.0)
    assert loud(X).abs().max() > 5
    clamped = Gaussian(DOMAIN, std=5.0, clamp=True)(X)
    assert clamped.min() == -1
    assert clamped.max() == 2


def test_mask_hides_its_share() -> None:
    masked = Mask(DOMAIN, share=0.3)(X)
    hidden = masked != X
    assert abs(hidden.float().mean() - 0.3) < 0.01
    assert masked[hidden].abs().max() == 0


def test_salt_and_pepper_are_the_ends_of_the_range() -> None:
    spoiled = SaltPepper(DOMAIN, share=0.4)(X)
    assert abs((spoiled == 2).float().mean() - 0.2) < 0.01
    assert abs((spoiled == -1).float().mean() - 0.2) < 0.01
    assert torch.equal(spoiled[(spoiled != 2) & (spoiled != -1)], X[(spoiled != 2) & (spoiled != -1)])


def test_denoising_sees_noise_and_is_compared_with_the_clean_target() -> None:
    spec = {
        "corruption": {"name": "gaussian", "std": 0.5},
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    objective = build(spec, DOMAIN)
    for mode in (True, False):
        costs = objective.train(mode)(Batch(X))
        assert torch.equal(costs.trace.x, X)
        assert abs((costs.trace.seen - X).std() - 0.5) < 0.01
        expected = (costs.trace.y[0] - X).square().flatten(1).sum(1)
        torch.testing.assert_close(costs.parts["reconstruction"].value[0], expected)
