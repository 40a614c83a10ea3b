from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal

from narrows.core.errors import InputError
from narrows.core.records import Domain, Intensity
from narrows.model.losses.counting import FEWEST, PoissonGaussian
from tests.model.losses.passes import cost

DOMAIN = Domain((1, 4, 4), intensity=Intensity(zero=-0.2, unit=0.05))
"""On the model's scale x is 0.05·(x - 4) of the data."""

GAIN, READ, OFFSET = 2.0, 3.0, 10.0
"""In the unit of the data."""


def counted(signal: torch.Tensor) -> torch.Tensor:
    """Values on the model's scale with the noise, for a signal in the unit of the data."""
    counts = torch.poisson((signal - OFFSET) / GAIN)
    return 0.05 * (OFFSET + GAIN * counts + READ * torch.randn_like(signal)) - 0.2


def test_it_is_the_likelihood_of_a_normal_distribution_with_the_variance_of_the_noise() -> None:
    torch.manual_seed(0)
    x, signal = torch.rand(5, 1, 4, 4), 10 + 20 * torch.rand(1, 5, 1, 4, 4)
    variance = READ**2 + GAIN * (signal - OFFSET) + (FEWEST * GAIN) ** 2
    y = 0.05 * signal - 0.2
    expected = -Normal(y, 0.05 * variance.sqrt()).log_prob(x).flatten(2).sum(2)
    torch.testing.assert_close(
        cost(PoissonGaussian(DOMAIN, gain=GAIN, read=READ, offset=OFFSET), y, x), expected
    )


def test_its_minimum_is_at_the_mean_where_the_signal_is_uncertain() -> None:
    """Half of the pixels are three times as bright, and the model cannot know which."""
    torch.manual_seed(0)
    signal = OFFSET + torch.tensor([10.0, 30.0]).repeat(4000).reshape(500, 1, 4, 4)
    x = counted(signal)
    loss = PoissonGaussian(DOMAIN, gain=GAIN, read=READ, offset=OFFSET)
    y = x.mean().expand(1, *x.shape).clone().requires_grad_()
    cost(loss, y, x).sum().backward()
    assert y.grad is not None
    assert y.grad.mean().abs() < 1e-3 * y.grad.abs().mean()


def test_gain_and_read_are_learned() -> None:
    torch.manual_seed(0)
    signal = OFFSET + 200 * torch.rand(2000, 1, 4, 4)
    x, y = counted(signal), (0.05 * signal - 0.2)[None]
    loss = PoissonGaussian(DOMAIN, offset=OFFSET)
    optimizer = torch.optim.Adam(loss.parameters(), 0.01)
    for _ in range(300):
        optimizer.zero_grad()
        cost(loss, y, x).mean().backward()
        optimizer.step()
    gain, read = (torch.as_tensor(amount()).item() for amount in (loss.gain, loss.read_variance))
    assert gain / 0.05 == pytest.approx(GAIN, rel=0.03)
    assert read**0.5 / 0.05 == pytest.approx(READ, rel=0.2)
    assert len(list(PoissonGaussian(DOMAIN, gain=GAIN, read=READ).parameters())) == 0


def test_a_count_where_none_is_expected_costs_a_finite_amount() -> None:
    loss = PoissonGaussian(DOMAIN, gain=GAIN, read=0.0)
    assert cost(loss, torch.full((1, 5, 1, 4, 4), -3.0), torch.rand(5, 1, 4, 4)).isfinite().all()


def test_what_has_no_such_noise_is_refused() -> None:
    with pytest.raises(InputError, match="these have several"):
        PoissonGaussian(Domain((9,), intensity=None))
    with pytest.raises(InputError, match="no noise; give one of them"):
        PoissonGaussian(DOMAIN, gain=0.0, read=0.0)
