"""The plain engine names the first quantity that is not finite."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from narrows.core.errors import TrainingError
from narrows.model.build import Objective
from narrows.model.corruptions import Corruption
from narrows.training.batches import Rows
from narrows.training.engines.plain import Plain
from narrows.training.loop import train
from narrows.training.options import Training
from tests.training.setting import SPEC, setting


@pytest.fixture(autouse=True, params=[1, 20])
def looked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked after each step, as on the CPU, or once in a while, as on another device."""

    def begin(self: Plain, device: torch.device, *options: Any) -> None:
        begun(self, device, *options)
        self.looked = request.param

    begun = Plain.__init__
    monkeypatch.setattr(Plain, "__init__", begin)


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
