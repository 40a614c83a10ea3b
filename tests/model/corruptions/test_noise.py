from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain, Intensity
from narrows.model.corruptions.noise import Gaussian, Poisson, SaltPepper

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


FEW = Domain((1, 40, 40), intensity=Intensity(zero=-0.1, unit=0.01, mean=0.3))
"""Values of the data from 10 to 110 with a mean of 40."""


@pytest.mark.parametrize("read", [0.0, 3.0])
def test_poisson_noise_is_counted_at_the_dose_of_the_mean(read: float) -> None:
    """At the mean brightness the dose is counted, at others in proportion; brightness stays as it is."""
    corruption = Poisson(FEW, dose=8.0, read=read)
    for place in (0.0, 0.3, 1.0):
        x = torch.full((40, 1, 40, 40), place)
        expected = 8 * (place + 0.1) / 0.4
        seen = corruption.corrupt(x)
        assert seen.mean().item() == pytest.approx(place, abs=0.003)
        counts = (seen + 0.1) / 0.4 * 8
        assert counts.var().item() == pytest.approx(expected + read**2, rel=0.03)
        assert read or torch.allclose(counts, counts.round(), atol=1e-4)


def test_each_example_has_a_dose_of_its_own() -> None:
    x = torch.full((2000, 1, 20, 20), 0.3)
    noise = Poisson(FEW, dose=100.0, dose_low=1.0).corrupt(x) - x
    doses = 0.4**2 / noise.flatten(1).var(1)
    assert 0.7 < doses.min() < 1.2
    assert 85 < doses.max() < 140
    # The logarithm is uniform: half of the doses are below 10.
    assert abs((doses < 10).float().mean() - 0.5) < 0.04


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        (Domain((9,), intensity=None), "several scales; set corruption.name=gaussian"),
        (Domain((1, 4, 4), low=-0.5), r"minimum of -0\.5"),
        (Domain((1, 4, 4), intensity=Intensity(mean=0.0)), "a mean of 0;"),
    ],
)
def test_what_cannot_be_counts_is_refused(domain: Domain, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Poisson(domain)
