from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from narrows.training.optimizers import Clip, Updates, squared_norm
from narrows.training.options import Training


def test_a_sudden_gradient_is_scaled_down() -> None:
    clip = Clip(2.0)
    for norm, expected in ((1.0, 1.0), (1.5, 1.5), (100.0, 2.0 * (0.98 * 1.0 + 0.02 * 1.5))):
        assert (norm / clip(torch.tensor(norm))).item() == pytest.approx(expected, rel=1e-4)


def test_gradients_without_a_norm_are_left_as_they_are() -> None:
    clip = Clip(2.0)
    assert [clip(torch.tensor(norm)).item() for norm in (0.0, 0.0, 1.0, 0.0)] == [1.0] * 4


def test_the_norm_is_that_of_all_gradients_together() -> None:
    gradients = [torch.randn(3, 4), torch.randn(5), torch.randn(())]
    expected = torch.cat([g.flatten() for g in gradients]).square().sum()
    torch.testing.assert_close(squared_norm(gradients), expected)


def theirs(weight: nn.Parameter, how: Training) -> torch.optim.Optimizer:
    """Torch's own optimizer for `how`."""
    shared = {"lr": how.learning_rate, "weight_decay": how.weight_decay, "fused": True}
    if how.optimizer == "sgd":
        return torch.optim.SGD([weight], momentum=how.momentum, **shared)  # type: ignore[arg-type]
    made = torch.optim.AdamW if how.optimizer == "adamw" else torch.optim.Adam
    return made([weight], betas=(0.9, how.beta2), **shared)  # type: ignore[arg-type]


@pytest.mark.parametrize("schedule", ["one-cycle", "constant"])
@pytest.mark.parametrize(
    ("optimizer", "momentum"), [("adamw", 0.9), ("adam", 0.9), ("sgd", 0.0), ("sgd", 0.7)]
)
def test_updates_are_those_of_torch(optimizer: str, momentum: float, schedule: str) -> None:
    how = Training(
        optimizer=optimizer,  # type: ignore[arg-type]
        schedule=schedule,  # type: ignore[arg-type]
        momentum=momentum,
        learning_rate=0.1,
        weight_decay=0.1,
        clip=0.0,
    )
    weights = [nn.Parameter(torch.linspace(-1, 1, 50)) for _ in range(2)]
    updates, reference = Updates(weights[:1], how, 20), theirs(weights[1], how)
    cycled = optimizer != "sgd"
    scheduler = None
    if schedule == "one-cycle":
        scheduler = torch.optim.lr_scheduler.OneCycleLR(reference, 0.1, 20, cycle_momentum=cycled)
    for step in range(20):
        for weight in weights:
            weight.grad = torch.sin(weight.detach() * 3 + step)
        updates.apply(torch.zeros(()))
        reference.step()
        if scheduler is not None:
            scheduler.step()
            assert updates.learning_rate == pytest.approx(reference.param_groups[0]["lr"], rel=1e-12)
    assert torch.equal(weights[0], weights[1])


def test_no_compiler_is_imported() -> None:
    """Torch's optimizers and schedules import it, which takes a second."""
    code = (
        "import sys, torch; from narrows.training.optimizers import Updates; "
        "from narrows.training.options import Training; "
        "updates = Updates([torch.nn.Parameter(torch.zeros(2))], Training(), 9); "
        "updates.parameters[0].grad = torch.ones(2); updates.apply(torch.zeros(())); "
        "assert 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


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
        updates.apply(torch.zeros(()))


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
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
