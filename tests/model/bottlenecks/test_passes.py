"""The order of places, and mixtures of logistic distributions."""

from __future__ import annotations

import pytest
import torch

from narrows.model.bottlenecks.passes import Mixture, Passes, order


def test_places_go_from_a_coarse_grid_to_finer_ones_and_are_met_once() -> None:
    met = torch.zeros(7, 10)
    for places in order(7, 10, 3):
        for offset in places.known:
            assert (places.of(met, offset) == 1).all()
        places.of(met).add_(1)
    assert (met == 1).all()


def test_without_halvings_all_places_are_alike() -> None:
    assert [places.stride for places in order(7, 10, 0)] == [1]


@pytest.mark.parametrize("step", [0.1, 1.0, 30.0])
def test_intervals_have_the_mass_of_logistic_distributions(step: float) -> None:
    log_weight = torch.tensor([[0.3, 0.7]]).double().log()
    mean, log_rate = torch.tensor([[-1.0, 2.0]]).double(), torch.tensor([[0.0, 1.5]]).double()
    x = torch.tensor([0.4]).double()
    ends = [torch.sigmoid(log_rate.exp() * (x + sign * step / 2 - mean)) for sign in (1, -1)]
    wanted = (log_weight.exp() * (ends[0] - ends[1])).sum()
    found = Mixture(log_weight, mean, log_rate).cost(x, torch.tensor([step]).double())
    torch.testing.assert_close(torch.exp(-found)[0], wanted)


def test_far_values_have_a_finite_cost_and_a_gradient() -> None:
    mean = torch.zeros(1, 1, requires_grad=True)
    cost = Mixture(torch.zeros(1, 1), mean, torch.full((1, 1), 5.0)).cost(torch.tensor([50.0]), torch.ones(1))
    cost.sum().backward()
    assert cost.isfinite().all()
    assert mean.grad is not None
    assert float(mean.grad) < 0


def test_groups_of_channels_begin_small_and_cover_all() -> None:
    passes = Passes((16, 2, 2), levels=1, groups=3, hidden=4, components=1)
    assert passes.grids[0].groups == [(0, 3), (3, 9), (9, 16)]
    assert len(passes.passes) == 4 * 3
