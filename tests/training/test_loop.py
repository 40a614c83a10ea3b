from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from narrows.core.errors import TrainingError
from narrows.data.readers import as_data
from narrows.model.build import build
from narrows.training.batches import Rows
from narrows.training.loop import Clip, State, Training, evaluate, make_optimizer, make_schedule, train
from narrows.training.stages import Stage
from tests.samples import curve

SPEC = {
    "encoder": {"name": "mlp", "widths": [16]},
    "bottleneck": {"name": "plain", "latent_dim": 2},
    "loss": {"name": "squared"},
}


def setting(n: int = 40, spec: dict[str, Any] | None = None):  # type: ignore[no-untyped-def]
    from narrows.data.scaling import choose

    data = as_data(curve(n))
    scaling = choose(data.values, data.schema).scaling
    torch.manual_seed(0)
    return build(spec or SPEC, scaling.domain(data.schema)), Rows(data.values, scaling)


@pytest.mark.parametrize("n", [1, 2, 9, 16, 17, 33])
def test_any_number_of_rows_trains(n: int) -> None:
    objective, rows = setting(33)
    few = Rows(rows.values[:n].numpy(), rows.scaling)
    epochs = list(train(objective, few, few, Training(epochs=3, batch_size=16)))
    assert len(epochs) == 3
    assert all(np.isfinite(epoch.train["total"]) for epoch in epochs)


def test_a_record_holds_means_over_examples_of_unweighted_costs() -> None:
    spec = {**SPEC, "bottleneck": {"name": "gaussian", "latent_dim": 2, "beta": 3.0}}
    objective, rows = setting(40, spec)
    found = evaluate(objective, rows, batch_size=7)
    torch.manual_seed(0)
    with torch.no_grad():
        total = sum(found[name] * weight for name, weight in (("reconstruction", 1), ("kl", 3)))
    assert found["total"] == pytest.approx(total, rel=1e-5)
    codes = objective.model.bottleneck.posterior(objective.model.encoder(rows.batch(torch.arange(40)).x, {}))
    mean, log_var, _ = codes
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1).mean()
    assert found["kl"] == pytest.approx(kl.item(), rel=1e-5)


def test_validation_neither_trains_nor_disturbs_the_training() -> None:
    """A training that is validated on other rows takes just the same steps."""
    weights = []
    for n in (5, 40):
        objective, rows = setting(spec={**SPEC, "corruption": {"name": "gaussian"}})
        torch.manual_seed(1)
        list(train(objective, rows, Rows(rows.values[:n].numpy(), rows.scaling), Training(epochs=3)))
        weights.append(torch.cat([p.flatten() for p in objective.parameters()]))
    assert torch.equal(*weights)


def test_a_bad_number_stops_training_and_is_named() -> None:
    objective, rows = setting()
    rows.values[3, 1] = float("inf")
    with pytest.raises(TrainingError, match="the scaled input is not finite"):
        list(train(objective, rows, rows, Training(epochs=1)))
    objective, rows = setting()
    with torch.no_grad():
        objective.model.encoder.layers[0][0].weight[0, 0] = float("nan")
    with pytest.raises(TrainingError, match=r"the weight model\.encoder\.layers\.0\.0\.weight"):
        list(train(objective, rows, rows, Training(epochs=1)))
    objective, rows = setting()
    with pytest.raises(TrainingError, match=r"Training stopped: .* is not finite any more"):
        list(train(objective, rows, rows, Training(epochs=50, learning_rate=1e30, clip=0.0)))


def test_the_learning_rate_warms_up_and_decays() -> None:
    objective, rows = setting()
    rates = [e.learning_rate for e in train(objective, rows, rows, Training(epochs=20, learning_rate=0.01))]
    top = int(np.argmax(rates))
    assert rates[0] < 0.005
    assert 0.009 < rates[top] <= 0.01
    assert rates[-1] < 1e-4
    assert 2 < top < 12


def test_a_sudden_gradient_is_shortened() -> None:
    weight = torch.nn.Parameter(torch.zeros(3))
    clip = Clip(2.0)
    for size, expected in ((1.0, 1.0), (1.5, 1.5), (100.0, 2.0 * (0.98 * 1.0 + 0.02 * 1.5))):
        weight.grad = torch.tensor([size, 0.0, 0.0])
        assert clip([weight.grad])
        assert weight.grad[0].item() == pytest.approx(expected, rel=1e-4)
    assert not clip([torch.tensor([float("nan")])])


def test_the_momentum_that_was_asked_for_is_kept_through_a_cycle() -> None:
    weight = nn.Parameter(torch.zeros(2))
    for momentum in (0.0, 0.3, 0.9):
        how = Training(optimizer="sgd", momentum=momentum, learning_rate=0.1)
        optimizer = make_optimizer([weight], how)
        schedule = make_schedule(optimizer, how, 10)
        assert schedule is not None
        for _ in range(5):
            optimizer.step()
            schedule.step()
            assert optimizer.param_groups[0]["momentum"] == momentum


def test_epochs_that_are_kept_grow_and_leave_out_the_last() -> None:
    assert Training(epochs=100, snapshots=3).snapshot_epochs == [1, 5, 22]
    assert Training(epochs=3, snapshots=9).snapshot_epochs == [1, 2, 3]
    assert Training(epochs=9).snapshot_epochs == []


def test_a_state_is_read_off_its_history() -> None:
    """The best value and the patience used up are not kept beside the history."""
    state = State.__new__(State)
    state.stage = Stage("whole", nn.Identity(), 9)
    totals = [(3.0, True), (2.0, True), (2.5, False), (2.1, False)]
    state.history = []
    assert state.standing() == (float("inf"), 0)
    state.history = [
        {"stage": "whole", "improved": improved, "validation": {"total": total}} for total, improved in totals
    ]
    assert state.standing() == (2.0, 2)
