"""Rounded coefficients: the rate is a probability, and passes do not see what is coded later."""

from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Features
from narrows.model.bottlenecks.rounded import Rounded


def made(shape: tuple[int, ...] = (4, 5, 3)) -> Rounded:
    torch.manual_seed(0)
    size = 1
    for side in shape:
        size *= side
    return Rounded(shape, size, project="none", hidden=8, groups=2).double()


def test_passes_take_every_coefficient_once() -> None:
    for shape in ((4, 5, 3), (3, 1, 7), (6, 1, 1), (2, 9, 9)):
        bottleneck, times = made(shape), torch.zeros(1, *shape)
        for which in bottleneck.passes:
            times[bottleneck.region(which)] += 1
        assert (times == 1).all()


def test_a_pass_is_given_only_those_before() -> None:
    """So that a decoder has what the encoder had."""
    bottleneck, s = made(), torch.tensor([0.02, 0.03]).double()
    y = torch.randn(2, 4, 5, 3).double()
    known = torch.zeros_like(y)
    for which in bottleneck.passes:
        region = bottleneck.region(which)
        for full, partial in zip(
            bottleneck.frequencies(which, y, s), bottleneck.frequencies(which, known, s), strict=True
        ):
            torch.testing.assert_close(full, partial)
        known[region] = y[region]


def test_the_probabilities_of_what_a_coefficient_rounds_to_sum_to_one() -> None:
    bottleneck, s = made((1, 1, 1)), torch.full((401,), 0.02).double()
    steps = torch.arange(-200, 201).double()[:, None, None, None]
    cost = bottleneck.cost(steps * bottleneck.step(s), s)
    torch.testing.assert_close(torch.exp(-cost).sum(), torch.tensor(1.0).double(), rtol=1e-6, atol=0)


@torch.no_grad()
def test_the_cost_is_that_of_the_frequencies_of_all_passes() -> None:
    bottleneck, s = made(), torch.tensor([0.02]).double()
    numbers = torch.randint(-3, 4, (1, 4, 5, 3)).double()
    y, total = numbers * bottleneck.step(s), 0.0
    for which in bottleneck.passes:
        found = bottleneck.frequencies(which, y, s)
        own = numbers[bottleneck.region(which)]
        total += float(found.cost(own, torch.ones_like(own)).sum())
    assert total == pytest.approx(float(bottleneck.cost(y, s)), rel=1e-9)


def test_examples_of_a_batch_have_errors_over_the_whole_range_and_the_objective_is_in_nats() -> None:
    bottleneck = made()
    errors = bottleneck.errors(100)
    assert bottleneck.fine < errors[0] < errors[-1] < bottleneck.coarse
    code = bottleneck(Features(torch.randn(100, 4, 5, 3).double()), {}, sample=True)
    rate = code.costs["rate"]
    torch.testing.assert_close(bottleneck.reduce(rate.weighted()), rate.value.mean())


def test_in_training_the_decoder_gets_whole_numbers_of_steps_with_the_gradient_of_noise() -> None:
    bottleneck = made((3, 2, 2))
    h = torch.randn(50, 3, 2, 2).double().requires_grad_()
    z = bottleneck(Features(h), {}, sample=True).z[0]
    step = bottleneck.step(bottleneck.errors(50).double())
    steps = (z / bottleneck.code(torch.ones_like(z), bottleneck.errors(50).double())) / step
    torch.testing.assert_close(steps, torch.round(h / step), atol=1e-5, rtol=0)
    of_h, of_level = torch.autograd.grad(z[:, 1].sum(), [h, bottleneck.steps.level])
    torch.testing.assert_close(of_h[:, 1], torch.ones_like(of_h[:, 1]))
    moved = (step * (torch.round(h / step) - h / step))[:, 1].sum()
    torch.testing.assert_close(of_level[1], moved.to(of_level))


@torch.no_grad()
def test_a_coefficient_becomes_the_whole_number_with_the_lowest_counted() -> None:
    bottleneck, s = made((1, 1, 1)), torch.full((400,), 0.02).double()
    torch.nn.init.normal_(bottleneck.distribution.grids[0].out[0].bias)
    y = torch.linspace(-4, 4, 400).double()[:, None, None, None] * bottleneck.step(s)
    exact = (y / bottleneck.step(s)).flatten()

    def counted(numbers: torch.Tensor) -> torch.Tensor:
        each = bottleneck.cost(numbers[:, None, None, None] * bottleneck.step(s), s)
        return 12 * (numbers - exact) ** 2 + each

    chosen = bottleneck.numbers(y, s).flatten()
    every = torch.stack([counted(torch.full_like(exact, k)) for k in range(-6, 7)])
    torch.testing.assert_close(counted(chosen), every.amin(0))
    assert (chosen != torch.round(exact)).any()


def test_features_that_are_the_code_have_its_size() -> None:
    with pytest.raises(InputError, match=r"bottleneck\.project=linear"):
        Rounded((4, 5, 3), 8, project="none")
