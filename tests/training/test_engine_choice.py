"""How a training is computed is measured, and measuring changes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.build import build
from narrows.training import engine_choice
from narrows.training.batches import Rows
from narrows.training.computing import FLOAT32, Computing
from narrows.training.devices import threads
from narrows.training.engine_choice import ENGINE_NAMES, Trial, choose_engine, compared, products
from narrows.training.options import Training
from tests.training.setting import setting

HOW = Training(epochs=2000, batch_size=16)


@pytest.fixture
def measures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any training is worth measuring, without compiling."""
    monkeypatch.setattr(engine_choice, "WORTH", 0.0)
    monkeypatch.setattr(engine_choice, "COMPILING", 1e9)


def paced(monkeypatch: pytest.MonkeyPatch, pace: Callable[[Computing], float]) -> None:
    """A step takes `pace` seconds, as far as can be told."""

    def stepper(trial: Trial, computing: Computing) -> Callable[[], float]:
        return lambda: pace(computing)

    monkeypatch.setattr(Trial, "stepper", stepper)


@pytest.mark.parametrize("name", ENGINE_NAMES)
def test_weights_and_random_states_stay_as_they_were(name: str, measures: None) -> None:
    objective, rows = setting()
    torch.manual_seed(3)
    before = torch.get_rng_state()
    weights = [weight.clone() for weight in objective.parameters()]
    choose_engine(name, objective, rows, HOW)
    assert torch.equal(before, torch.get_rng_state())
    assert all(map(torch.equal, weights, objective.parameters()))
    assert all(weight.grad is None for weight in objective.parameters())


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(InputError, match="There is no engine 'fast'; use auto or plain"):
        choose_engine("fast", *setting(), HOW)


def test_plain_is_float32_with_the_threads_of_torch() -> None:
    assert choose_engine("plain", *setting(), HOW).computing == replace(FLOAT32, threads=threads())


def test_small_steps_of_a_short_training_have_one_thread_and_are_not_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Trial, "stepper", lambda *_: pytest.fail("measured"))
    found = choose_engine("auto", *setting(), HOW)
    assert found.computing == Computing(threads=1)
    assert found.to_json()["threads"] == 1


def test_a_training_of_few_steps_is_not_measured(measures: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trial, "stepper", lambda *_: pytest.fail("measured"))
    found = choose_engine("auto", *setting(), Training(epochs=2, batch_size=16))
    assert found.computing.precision == "float32"
    assert found.why.endswith("steps are too few to measure other engines")


def test_what_is_faster_is_chosen_and_the_gain_is_said(
    measures: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    paced(monkeypatch, lambda computing: 0.5 if computing.precision == "bfloat16" else 1.0)
    found = choose_engine("auto", *setting(), HOW)
    assert found.computing.precision == "bfloat16"
    assert found.why.startswith("a step takes 50% of the time of float32")


def test_codes_that_are_finer_than_bfloat16_are_not_rounded_to_it(
    measures: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    paced(monkeypatch, lambda computing: 1.0 if computing.precision == "float32" else 0.5)
    objective, rows = setting()
    monkeypatch.setattr(type(objective.model.bottleneck), "precise", True)
    assert choose_engine("auto", objective, rows, HOW).computing.precision == "float32"


def test_a_small_gain_is_not_worth_another_way(measures: None, monkeypatch: pytest.MonkeyPatch) -> None:
    paced(monkeypatch, lambda computing: 0.95 if computing.precision == "bfloat16" else 1.0)
    assert choose_engine("auto", *setting(), HOW).computing.precision == "float32"


def test_one_thread_is_chosen_that_costs_little_and_not_one_that_costs_much(
    measures: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_choice, "threads", lambda: 4)
    for cost, expected in ((1.05, 1), (2.0, 4)):
        paced(monkeypatch, lambda computing, cost=cost: cost if computing.threads == 1 else 1.0)
        assert choose_engine("auto", *setting(), HOW).computing.threads == expected


def test_measuring_ends_when_its_share_of_the_time_is_spent(
    measures: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Computing] = []
    monkeypatch.setattr(engine_choice, "compared", lambda trial, one, other: tried.append(other) or 1.0)
    choose_engine("auto", *setting(), Training(epochs=1, batch_size=16))
    assert tried == []
    choose_engine("auto", *setting(), Training(epochs=10_000, batch_size=16))
    assert len(tried) >= 2


def test_a_way_that_fails_is_infinitely_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(computing: Computing) -> float:
        raise NotImplementedError("no such kernel")

    trial = Trial(*setting(), HOW)
    paced(monkeypatch, fails)
    assert compared(trial, FLOAT32, Computing("bfloat16")) == math.inf


@pytest.mark.parametrize("precision", ["float32", "products", "bfloat16"])
@pytest.mark.parametrize("channels_last", [False, True])
def test_costs_and_gradients_are_those_of_float32_but_for_rounding(
    precision: Any, channels_last: bool
) -> None:
    spec = {
        "encoder": {"name": "conv"},
        "bottleneck": {"name": "gaussian", "latent_dim": 2},
        "loss": {"name": "bernoulli"},
    }
    torch.manual_seed(0)
    objective = build(spec, Domain((1, 8, 8)))
    rows = Rows(torch.rand(32, 1, 8, 8).numpy(), nn.Identity())
    found = []
    for computing in (FLOAT32, Computing(precision, channels_last=channels_last)):
        trial = Trial(objective, rows, Training(batch_size=32, epochs=1, clip=0.0))
        trial.batch = next(rows.batches(32))
        torch.manual_seed(1)
        trial.stepper(computing)
        found.append(torch.cat([weight.grad.flatten() for weight in trial.objective.parameters()]))  # type: ignore[union-attr]
    assert (found[0] - found[1]).norm() < 0.05 * found[0].norm()
    assert all(weight.dtype == torch.float32 for weight in trial.objective.parameters())


def test_the_operations_of_layers_are_those_that_torch_counts() -> None:
    layers = [
        (nn.Linear(7, 5), torch.rand(3, 7)),
        (nn.Conv2d(2, 6, 3, padding=1), torch.rand(3, 2, 8, 8)),
        (nn.ConvTranspose2d(4, 2, 3, padding=1), torch.rand(3, 4, 5, 5)),
        (nn.Conv1d(2, 3, 5, padding=2), torch.rand(3, 2, 9)),
    ]
    for layer, x in layers:
        with FlopCounterMode(display=False) as counter:
            y = layer(x)
        assert products(layer, (x,), y) == pytest.approx(counter.get_total_flops(), rel=0.01)


def test_a_batch_is_one_that_is_trained_on() -> None:
    trial = Trial(*setting(), HOW)
    assert isinstance(trial.batch, Batch)
    assert trial.batch.n == 16
    assert trial.steps == 2000 * 3
