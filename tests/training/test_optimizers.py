from __future__ import annotations

import pytest
import torch
from torch import nn

from narrows.training.optimizers import OPTIMIZERS, Clip, Updates, squared_norm
from narrows.training.options import Training


def test_a_sudden_gradient_is_scaled_down() -> None:
    clip = Clip(2.0)
    for size, expected in ((1.0, 1.0), (1.5, 1.5), (100.0, 2.0 * (0.98 * 1.0 + 0.02 * 1.5))):
        gradient = torch.tensor([size, 0.0, 0.0])
        clip([gradient], size)
        assert gradient[0].item() == pytest.approx(expected, rel=1e-4)


def test_the_norm_is_that_of_all_gradients_together() -> None:
    gradients = [torch.randn(3, 4), torch.randn(5), torch.randn(())]
    expected = torch.cat([g.flatten() for g in gradients]).square().sum()
    torch.testing.assert_close(squared_norm(gradients), expected)


def test_the_momentum_that_was_asked_for_is_kept_through_a_cycle() -> None:
    weight = nn.Parameter(torch.zeros(2))
    for momentum in (0.0, 0.3, 0.9):
        how = Training(optimizer="sgd", momentum=momentum, learning_rate=0.1)
        updates = Updates([weight], how, 10)
        for _ in range(5):
            updates.apply()
            assert updates.optimizer.param_groups[0]["momentum"] == momentum


def test_only_weights_with_a_gradient_count() -> None:
    weights = [nn.Parameter(torch.zeros(2)) for _ in range(3)]
    updates = Updates(weights, Training(), 10)
    weights[0].grad, weights[2].grad = torch.ones(2), torch.full((2,), 2.0)
    assert [gradient.tolist() for gradient in updates.gradients()] == [[1, 1], [2, 2]]
    updates.clear()
    assert updates.gradients() == []


def updated(updates: Updates, first: int, last: int) -> None:
    """Steps `first` to `last` with gradients that follow from the step; the last weight has none."""
    for step in range(first, last):
        updates.clear()
        for i, weight in enumerate(updates.parameters[:-1]):
            weight.grad = torch.sin(weight.detach() + step + i)
        updates.apply()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("schedule", ["one-cycle", "constant"])
def test_updates_go_on_from_what_is_kept_of_them(optimizer: str, schedule: str) -> None:
    how = Training(optimizer=optimizer, schedule=schedule, learning_rate=0.1)  # type: ignore[arg-type]
    whole, stopped = ([nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(2))] for _ in range(2))
    updated(Updates(whole, how, 20), 0, 9)
    before = Updates(stopped, how, 20)
    updated(before, 0, 4)
    assert before.moved() == [0]
    after = Updates(stopped, how, 20)
    after.expect(before.moved(), 1.0)
    for name, value in after.moments().items():
        value.copy_(before.moments()[name])
    after.skip(4)
    assert after.learning_rate == pytest.approx(before.learning_rate, rel=1e-12)
    updated(after, 4, 9)
    assert torch.equal(whole[0], stopped[0])


@pytest.mark.parametrize("mean", [-1.0, float("nan"), float("inf")])
def test_a_mean_that_no_norms_have_is_refused(mean: float) -> None:
    with pytest.raises(ValueError, match="gradients of mean norm"):
        Updates([nn.Parameter(torch.zeros(2))], Training(), 10).expect([], mean)
