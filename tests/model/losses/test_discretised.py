"""A mixture of logistic distributions over whole numbers, with and without neighbours."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Domain, Grid
from narrows.model.distributions import Alphabet
from narrows.model.losses.discretised import DiscretisedLogistic

GRID = Grid(0.0, 1 / 15, 16)
DOMAIN = Domain((1, 5, 4), grid=GRID)


def loss(radius: int, **options: float) -> DiscretisedLogistic:
    torch.manual_seed(0)
    return DiscretisedLogistic(DOMAIN, radius=radius, hidden=8, **options).eval()  # type: ignore[arg-type]


@pytest.mark.parametrize("radius", [0, 2])
def test_the_probabilities_of_a_pixel_sum_to_1(radius: int) -> None:
    made = loss(radius)
    x = torch.randint(16, (1, 1, 5, 4)) / 15.0
    y = torch.randn(1, 1, made.per_value, 5, 4)
    total = torch.zeros(())
    for value in range(16):
        x[0, 0, 2, 1] = value / 15
        total = total + (-made.each(y, x)[0, 0, 0, 2, 1]).exp()
    assert total.item() == pytest.approx(1, abs=1e-5)


def test_it_is_the_formula() -> None:
    made = loss(0, components=1).double()
    y, x = torch.randn(1, 3, 3, 5, 4).double(), torch.full((3, 1, 5, 4), 7 / 15).double()
    _, m, log_r = made.mixture(y, None)
    ends = [torch.sigmoid(log_r.exp() * (7 / 15 + side / 30 - m))[..., 0] for side in (1, -1)]
    assert torch.allclose((-made.each(y, x)).exp(), ends[0] - ends[1], atol=1e-6)


def test_a_pixel_sees_none_that_comes_later() -> None:
    made = loss(2)
    assert made.causal is not None
    torch.nn.init.normal_(made.causal.head.weight)
    x = torch.rand(1, 1, 5, 4)
    y = torch.randn(1, 1, made.per_value, 5, 4)
    other = x.clone()
    other.flatten()[9] += 0.5
    numbers = [torch.cat(made.mixture(y, each), dim=-1).flatten(0, -2) for each in (x, other)]
    changed = (numbers[0] != numbers[1]).any(dim=1).nonzero().flatten().tolist()
    assert changed
    assert min(changed) > 9


@pytest.mark.parametrize("radius", [0, 2])
def test_the_whole_frequencies_follow_the_cost(radius: int) -> None:
    made = loss(radius).double()
    numbers = torch.randint(16, (3, 1, 5, 4))
    x, y = numbers / 15.0, torch.randn(3, made.per_value, 5, 4).double()
    cost = made.each(y[None], x.double())[0].flatten(1).detach()
    alphabet = Alphabet(16, lambda v: (v - 0.5) / 15)
    for places in made.groups((1, 5, 4)):
        with torch.no_grad():
            found = made.distribution(y, x.double(), places, alphabet)
        values = numbers.flatten(1)[:, places].flatten().numpy()
        p = (found.below(values + 1) - found.below(values)) / found.below(np.full(found.n, 16))
        wanted = cost[:, places].flatten().numpy()
        likely = wanted < 7  # all values have a small frequency, whatever the network says
        assert -np.log(p[likely]) == pytest.approx(wanted[likely], abs=0.05)


def test_reconstructions_do_without_neighbours_and_stay_on_the_scale() -> None:
    made = loss(2)
    y = 10 * torch.randn(1, 3, made.per_value, 5, 4)
    assert made.mean(y).shape == (1, 3, 1, 5, 4)
    assert 0 <= made.mean(y).min() <= made.mean(y).max() <= 1 + 1e-6


def test_a_share_of_examples_is_taken_without_neighbours_in_training() -> None:
    made = loss(2, without=0.5)
    shown = made.train().shown(torch.zeros(1000, 1, 5, 4))
    assert shown.isnan().flatten(1).all(dim=1).float().mean().item() == pytest.approx(0.5, abs=0.1)
    assert not made.eval().shown(shown.nan_to_num()).isnan().any()


def test_two_kinds_of_values_are_whole_numbers_too() -> None:
    made = DiscretisedLogistic(Domain((1, 5, 4), grid=Grid(0, 1, 2)), components=1)
    y = torch.randn(1, 2, made.per_value, 5, 4)
    both = [(-made.each(y, torch.full((2, 1, 5, 4), value))).exp() for value in (0.0, 1.0)]
    # Neighbours differ, too, so only the first pixel has the same distribution in both.
    assert torch.allclose(both[0][..., 0, 0] + both[1][..., 0, 0], torch.ones(()), atol=1e-5)


def test_real_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="one grid of up to 65,536 steps"):
        DiscretisedLogistic(Domain((3,)))


def test_neighbours_are_for_images() -> None:
    with pytest.raises(InputError, match=r"loss\.radius"):
        DiscretisedLogistic(Domain((3,), grid=GRID), radius=2)
    assert DiscretisedLogistic(Domain((3,), grid=GRID)).causal is None
    assert math.isfinite(DiscretisedLogistic(Domain((3,), grid=GRID)).span)
