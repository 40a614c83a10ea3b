"""Engines: each keeps the promises of `Engine`, and names what is not finite."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from torch import Tensor

from narrows.core.errors import TrainingError
from narrows.model.build import Objective
from narrows.model.corruptions import Corruption
from narrows.training.batches import Rows
from narrows.training.engines import ENGINES, Engine
from narrows.training.loop import train
from narrows.training.optimizers import Updates
from narrows.training.options import Training
from tests.training.setting import SPEC, setting


def prepared(name: str, objective: Objective, **options: Any) -> Engine:
    engine = ENGINES[name](torch.device("cpu"))
    updates = Updates(list(objective.parameters()), Training(schedule="constant", **options), 100)
    engine.prepare(objective.train(), updates)
    return engine


@pytest.fixture(params=ENGINES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_step_of_plain_descent_is_the_gradient_times_the_rate(name: str) -> None:
    objective, rows = setting()
    batch = rows.batch(torch.arange(40))
    weights = [p.detach().clone() for p in objective.parameters()]
    gradients = torch.autograd.grad(objective.train()(batch).total, list(objective.parameters()))
    expected = objective(batch).total.item()
    how = {"optimizer": "sgd", "momentum": 0.0, "weight_decay": 0.0, "learning_rate": 0.1, "clip": 0.0}
    costs = prepared(name, objective, **how).step(batch)
    assert costs["total"].item() == pytest.approx(expected, rel=1e-6)
    for before, gradient, after in zip(weights, gradients, objective.parameters(), strict=True):
        torch.testing.assert_close(after.detach(), before - 0.1 * gradient)


def test_gradients_of_one_step_are_not_those_of_the_next(name: str) -> None:
    objective, rows = setting()
    how = {"optimizer": "sgd", "momentum": 0.0, "weight_decay": 0.0, "learning_rate": 0.1, "clip": 0.0}
    engine = prepared(name, objective, **how)
    engine.step(rows.batch(torch.arange(20)))
    weights = [p.detach().clone() for p in objective.parameters()]
    batch = rows.batch(torch.arange(20, 40))
    gradients = torch.autograd.grad(objective(batch).total, list(objective.parameters()))
    engine.step(batch)
    for before, gradient, after in zip(weights, gradients, objective.parameters(), strict=True):
        torch.testing.assert_close(after.detach(), before - 0.1 * gradient)


def test_a_step_keeps_no_activations(name: str) -> None:
    objective, rows = setting()
    engine = prepared(name, objective)
    seen: list[weakref.ref[Tensor]] = []
    objective.model.encoder.register_forward_hook(lambda *found: seen.append(weakref.ref(found[-1].h)))
    costs = engine.step(rows.batch(torch.arange(40)))
    gc.collect()
    assert seen
    assert all(activation() is None for activation in seen)
    assert all(value.grad_fn is None for value in costs.values())


@pytest.mark.parametrize("clip", [0.0, 5.0])
def test_a_step_waits_for_the_device_once(name: str, clip: float, monkeypatch: pytest.MonkeyPatch) -> None:
    objective, rows = setting()
    engine = prepared(name, objective, clip=clip)
    batch = rows.batch(torch.arange(40))
    waits = []
    for reads in ("item", "tolist", "__bool__", "__float__", "cpu", "numpy"):
        read = getattr(Tensor, reads)
        monkeypatch.setattr(Tensor, reads, lambda *a, read=read: (waits.append(read), read(*a))[1])
    engine.step(batch)
    assert len(waits) == 1


def test_means_are_those_of_all_examples(name: str) -> None:
    objective, _ = setting()
    means = prepared(name, objective).reduce({"kl": torch.tensor(6.0, dtype=torch.float64)}, 4)
    assert means == {"kl": 1.5}


# ── what is not finite is named ──────────────────────────────────────────────────────────────────


def stopped(objective: Objective, rows: Rows, **options: Any) -> str:
    with pytest.raises(
        TrainingError, match=r"^Training stopped: .* is not finite any more\. A smaller"
    ) as found:
        list(train(objective, rows, rows, Training(**{"epochs": 1, **options})))
    return str(found.value).removeprefix("Training stopped: ").partition(" is not finite")[0]


def test_a_weight_or_a_value_is_named() -> None:
    objective, rows = setting()
    rows.values[3, 1] = float("inf")
    assert stopped(objective, rows) == "the scaled input"
    objective, rows = setting()
    with torch.no_grad():
        objective.model.encoder.layers[0][0].weight[0, 0] = float("nan")  # type: ignore[index, operator, union-attr]
    assert stopped(objective, rows) == "the weight model.encoder.layers.0.0.weight"


def test_a_rate_that_is_too_large_is_found_out() -> None:
    objective, rows = setting()
    assert stopped(objective, rows, epochs=50, learning_rate=1e30, clip=0.0)


class Rarely(Corruption):
    """A corruption that once in many batches gives an infinity."""

    def corrupt(self, x: Tensor) -> Tensor:
        return torch.where(torch.rand(()) < 0.1, torch.inf, x)


@pytest.mark.parametrize("seed", range(5))
def test_what_chance_made_is_made_again(seed: int) -> None:
    objective, rows = setting(320)
    objective.corruption = Rarely()
    torch.manual_seed(seed)
    assert stopped(objective, rows, epochs=9, batch_size=4) == "the corrupted input"


def test_a_gradient_that_overflows_is_named() -> None:
    class Steep(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            return x

        @staticmethod
        def backward(ctx: Any, *gradient: Tensor) -> Tensor:
            return gradient[0] * torch.inf

    objective, rows = setting()
    decoder = objective.model.decoder
    decoder.register_forward_pre_hook(lambda _, given: (Steep.apply(given[0]), *given[1:]))
    assert stopped(objective, rows) == "the gradient of model.encoder.layers.0.0.weight"


def test_a_norm_or_a_total_that_overflows_is_named() -> None:
    objective, rows = setting()
    for parameter in objective.parameters():
        parameter.register_hook(lambda g: torch.full_like(g, 1e25))
    assert stopped(objective, rows) == "the norm of the gradient"
    objective, rows = setting(spec={**SPEC, "penalties": [{"name": "l1", "weight": 1e30}]})
    with torch.no_grad():
        for parameter in objective.model.bottleneck.parameters():
            parameter.mul_(1e12)
    assert stopped(objective, rows) == "the total cost"
