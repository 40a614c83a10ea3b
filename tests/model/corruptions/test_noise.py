from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.corruptions import Gaussian, SaltPepper

DOMAIN = Domain((1, 40, 40), -1.0, 2.0)


X = torch.rand(50, 1, 40, 40) - 0.2


def test_gaussian_noise_has_its_spread_and_may_be_clamped() -> None:
    noise = Gaussian(DOMAIN, std=0.3).corrupt(X) - X
    assert abs(noise.mean()) < 0.005
    assert abs(noise.std() - 0.3) < 0.005
    loud = Gaussian(DOMAIN, std=5.0)
    assert loud.corrupt(X).abs().max() > 5
    clamped = Gaussian(DOMAIN, std=5.0, clamp=True).corrupt(X)
    assert clamped.min() == -1
    assert clamped.max() == 2


def test_salt_and_pepper_are_the_ends_of_the_range() -> None:
    spoiled = SaltPepper(DOMAIN, share=0.4).corrupt(X)
    assert abs((spoiled == 2).float().mean() - 0.2) < 0.01
    assert abs((spoiled == -1).float().mean() - 0.2) < 0.01
    assert torch.equal(spoiled[(spoiled != 2) & (spoiled != -1)], X[(spoiled != 2) & (spoiled != -1)])


def test_noise_of_many_strengths() -> None:
    x = torch.zeros(2000, 1, 20, 20)
    spread = Gaussian(Domain((1, 20, 20)), std=0.5, std_low=0.1).corrupt(x).flatten(1).std(1)
    assert 0.09 < spread.min() < 0.13
    assert 0.45 < spread.max() < 0.56
    assert abs(spread.mean() - 0.3) < 0.01
    with pytest.raises(InputError, match=r"'std_low' is 0\.6"):
        Gaussian(Domain((1, 20, 20)), std=0.5, std_low=0.6)


def test_a_noisy_target_is_what_the_encoder_saw() -> None:
    seen = Gaussian(DOMAIN, std=0.3, target="noisy")(Batch(X))
    assert torch.equal(seen.target, seen.x)
    assert not torch.equal(seen.target, X)
