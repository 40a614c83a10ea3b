"""What processes find together is what one finds."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from narrows.core.processes import together
from narrows.model.build import Objective
from narrows.training.engines import ENGINES
from narrows.training.meter import evaluate
from narrows.training.optimizers import Updates
from narrows.training.options import Training
from tests.ranks import by_processes, inside
from tests.training.setting import SPEC, setting

NORMED = {**SPEC, "encoder": {"name": "mlp", "widths": [16], "norm": "batch"}}
QUANTIZED = {
    **SPEC,
    "bottleneck": {"name": "quantized", "latent_dim": 4, "entries": 8},
}
DESCENT = {"optimizer": "sgd", "momentum": 0.0, "weight_decay": 0.0, "learning_rate": 0.1, "clip": 0.5}


def stepped(objective: Objective, steps: int, n: int) -> dict[str, Tensor]:
    """The state of `objective` after `steps` on `n` examples of another seed in each process."""
    processes = together()
    _, rows = setting(n)
    engine = ENGINES["plain"](torch.device("cpu"), processes)
    engine.prepare(objective.train(), Updates(list(objective.parameters()), Training(**DESCENT), 100))
    for _ in range(steps):
        engine.step(rows.batch(torch.arange(n)[processes.share(n)]))
    return {name: value.clone() for name, value in objective.state_dict().items()}


def trained(spec: dict[str, Any], steps: int, n: int = 41) -> Any:
    torch.set_num_threads(1)
    objective, rows = setting(n, spec)
    found = stepped(objective, steps, n)
    judged = evaluate(objective, rows, processes=together())
    return {name: value.numpy() for name, value in found.items()}, judged


@pytest.mark.parametrize("steps", [1, 5])
def test_the_gradient_is_that_of_the_whole_batch(steps: int) -> None:
    (one, judged), (other, others) = (each.result for each in by_processes(inside, trained, SPEC, steps))
    alone, mine = trained(SPEC, steps)
    for name, value in alone.items():
        torch.testing.assert_close(torch.tensor(one[name]), torch.tensor(value), rtol=1e-5, atol=1e-6)
        assert (one[name] == other[name]).all()
    assert judged == others
    assert judged == pytest.approx(mine, rel=1e-5)


@pytest.mark.parametrize("spec", [NORMED, QUANTIZED], ids=["batch normalisation", "codebook"])
def test_what_a_pass_changes_is_the_same_in_all(spec: dict[str, Any]) -> None:
    (one, judged), (other, others) = (each.result for each in by_processes(inside, trained, spec, 4))
    before = {name: value.numpy() for name, value in setting(41, spec)[0].state_dict().items()}
    changed = [name for name, value in before.items() if (one[name] != value).any()]
    assert any("running_mean" in name or "used" in name for name in changed)
    for name in before:
        assert (one[name] == other[name]).all(), name
    assert judged == others


def replaced() -> Any:
    objective, _ = setting(40, QUANTIZED)
    objective.model.bottleneck.used[:3] = 0.0  # type: ignore[index, operator]
    torch.manual_seed(together().rank)
    return {name: value.numpy() for name, value in stepped(objective, 1, 40).items()}


def test_entries_that_are_replaced_at_random_are_those_of_the_first() -> None:
    one, other = (each.result for each in by_processes(inside, replaced))
    name = "model.bottleneck.codebook"
    assert (one[name] == other[name]).all()
    assert (one[name][:3] != setting(40, QUANTIZED)[0].state_dict()[name][:3].numpy()).any()


def spoiled() -> None:
    objective, rows = setting()
    engine = ENGINES["plain"](torch.device("cpu"), together())
    engine.prepare(objective, Updates(list(objective.parameters()), Training(), 100))
    if not together().first:
        rows.values[3, 1] = float("inf")
    engine.step(rows.batch(torch.arange(10)))


def test_what_is_not_finite_in_one_is_named_once() -> None:
    ended = by_processes(inside, spoiled)
    assert all(each.code == 1 for each in ended)
    said = [each.err for each in ended if each.err]
    assert len(said) == 1
    assert said[0].startswith("TrainingError: Training stopped: the scaled input is not finite any more.")
