from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Normal, Poisson
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Domain, Grid, Intensity
from narrows.model.distributions import Alphabet
from narrows.model.log_variance import bounded
from narrows.model.losses import likelihoods
from tests.model.losses.passes import DOMAIN, X, Y, cost, summed


def test_bernoulli_is_the_log_likelihood_of_torch() -> None:
    x = (X > 0.5).float()
    torch.testing.assert_close(
        cost(likelihoods.Bernoulli(DOMAIN), Y, x), -summed(Bernoulli(logits=Y).log_prob(x))
    )
    expected = functional.binary_cross_entropy_with_logits(Y[0], X, reduction="none")[None]
    torch.testing.assert_close(cost(likelihoods.Bernoulli(DOMAIN), Y, X), summed(expected))
    assert cost(likelihoods.Bernoulli(DOMAIN), Y * 1e4, X).isfinite().all()


@pytest.mark.parametrize("variance", ["shared", "each", "predicted"])
def test_gaussian_is_the_log_likelihood_of_torch(variance: str) -> None:
    loss = likelihoods.Gaussian(DOMAIN, variance=variance)  # type: ignore[arg-type]
    y = torch.randn(1, 5, 3 * loss.per_value, 2)
    if variance == "predicted":
        mean, raw = y.chunk(2, dim=2)
    else:
        torch.nn.init.normal_(loss.log_var)
        mean, raw = y, loss.log_var
    scale = (bounded(raw) / 2).exp()
    torch.testing.assert_close(cost(loss, y, X), -summed(Normal(mean, scale).log_prob(X)))
    torch.testing.assert_close(loss.mean(y), mean)


def test_gaussian_learns_the_variance_that_the_errors_have() -> None:
    loss = likelihoods.Gaussian(DOMAIN)
    x = 0.3 * torch.randn(2000, 3, 2)
    optimizer = torch.optim.Adam(loss.parameters(), 0.05)
    for _ in range(300):
        optimizer.zero_grad()
        cost(loss, torch.zeros(1, 2000, 3, 2), x).mean().backward()
        optimizer.step()
    assert (bounded(loss.log_var) / 2).exp().item() == pytest.approx(x.std().item(), rel=0.01)


def test_poisson_is_the_log_likelihood_of_torch() -> None:
    counts = torch.randint(0, 9, (5, 3, 2)).float()
    loss = likelihoods.Poisson(Domain((3, 2), 0, 9))
    torch.testing.assert_close(cost(loss, Y, counts), -summed(Poisson(loss.mean(Y)).log_prob(counts)))
    assert cost(loss, torch.full_like(Y, -200.0), counts).isfinite().all()


def test_poisson_codes_counts_by_their_exact_probabilities() -> None:
    """Counts on a scale where 1 is 0.5, in a file from 3 to 14; their means are on the grid of `Counted`."""
    unit, first, levels = 0.5, 3, 12
    domain = Domain((1, 1, 2), 0, 9, intensity=Intensity(0.0, unit, 1.0), grid=Grid(0.0, unit, 19))
    means = unit * torch.tensor([[[[40 / 32, 75 / 32]]]], dtype=torch.float64) ** 2
    loss, y = likelihoods.Poisson(domain), means.expm1().log()
    alphabet = Alphabet(levels, lambda v: unit * (first + v - 0.5))
    made = loss.distribution(y[0], torch.zeros_like(y[0]), torch.arange(2), alphabet)
    ends = np.array([made.below(np.full(2, v)) for v in range(levels + 1)])
    exact = Poisson(loss.mean(y).flatten() / unit).log_prob(torch.arange(15.0)[:, None]).exp().numpy()
    exact[first] = exact[: first + 1].sum(axis=0)
    exact[-1] += 1 - exact.sum(axis=0) + exact[:first].sum(axis=0)
    assert np.diff(ends, axis=0) / ends[-1] == pytest.approx(exact[first:], abs=5e-4)
    with pytest.raises(InputError, match="--recipe lossless"):
        likelihoods.Poisson(Domain((2,), 0, 9, intensity=None)).distribution(y, y, torch.arange(2), alphabet)


def test_likelihoods_refuse_values_they_are_not_for() -> None:
    with pytest.raises(InputError, match=r"\[0, 1\]"):
        likelihoods.Bernoulli(Domain((3,), -1, 1))
    with pytest.raises(InputError, match="counts"):
        likelihoods.Poisson(Domain((3,), -1, 1))
