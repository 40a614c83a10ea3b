"""Each engine keeps the promises of `Engine`."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from torch import Tensor

from narrows.core.errors import TrainingError
from narrows.model.build import Objective
from narrows.training.engines import ENGINES, Engine
from narrows.training.optimizers import Updates
from narrows.training.options import Training
from tests.training.setting import setting


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
def test_a_step_does_not_wait_for_the_device(name: str, clip: float, monkeypatch: pytest.MonkeyPatch) -> None:
    objective, rows = setting()
    engine = prepared(name, objective, clip=clip)
    engine.looked = 20
    batch = rows.batch(torch.arange(40))
    waits = []
    for reads in ("item", "tolist", "__bool__", "__float__", "__int__", "cpu", "numpy"):
        read = getattr(Tensor, reads)
        monkeypatch.setattr(Tensor, reads, lambda *a, read=read: (waits.append(read), read(*a))[1])
    for _ in range(19):
        engine.step(batch)
    assert waits == []
    engine.step(batch)
    assert len(waits) == 1


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
@pytest.mark.parametrize("clip", [0.0, 5.0])
def test_weights_stay_as_they_were_before_the_first_step_that_is_not_finite(
    name: str, optimizer: str, clip: float
) -> None:
    objective, rows = setting()
    engine = prepared(name, objective, optimizer=optimizer, clip=clip)
    engine.looked = 20
    good, bad = rows.batch(torch.arange(20)), rows.batch(torch.arange(20, 40))
    bad.x[3, 0] = torch.inf
    for _ in range(3):
        engine.step(good)
    before = [p.detach().clone() for p in objective.parameters()]
    for batch in (bad, good, good):
        engine.step(batch)
    assert all(map(torch.equal, before, objective.parameters()))
    with pytest.raises(TrainingError, match="the scaled input is not finite"):
        engine.reduce({}, 1)


def test_means_are_those_of_all_examples(name: str) -> None:
    objective, _ = setting()
    means = prepared(name, objective).reduce({"kl": torch.tensor(6.0, dtype=torch.float64)}, 4)
    assert means == {"kl": 1.5}
