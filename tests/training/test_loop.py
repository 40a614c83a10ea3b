from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from narrows.training.batches import Rows
from narrows.training.history import Epoch
from narrows.training.loop import learn, train
from narrows.training.options import Training
from tests.training.setting import SPEC, setting


@pytest.mark.parametrize("n", [1, 2, 9, 16, 17, 33])
def test_any_number_of_rows_trains(n: int) -> None:
    objective, rows = setting(33)
    few = Rows(rows.values[:n].numpy(), rows.scaling)
    epochs = list(train(objective, few, few, Training(epochs=3, batch_size=16)))
    assert len(epochs) == 3
    assert all(np.isfinite(epoch.train["total"]) for epoch in epochs)


def test_validation_neither_trains_nor_disturbs_the_training() -> None:
    """A training that is validated on other rows takes just the same steps."""
    weights = []
    for n in (5, 40):
        objective, rows = setting(spec={**SPEC, "corruption": {"name": "gaussian"}})
        torch.manual_seed(1)
        list(train(objective, rows, Rows(rows.values[:n].numpy(), rows.scaling), Training(epochs=3)))
        weights.append(torch.cat([p.flatten() for p in objective.parameters()]))
    assert torch.equal(*weights)


def test_the_learning_rate_warms_up_and_decays() -> None:
    objective, rows = setting()
    rates = [e.learning_rate for e in train(objective, rows, rows, Training(epochs=20, learning_rate=0.01))]
    top = int(np.argmax(rates))
    assert rates[0] < 0.005
    assert 0.009 < rates[top] <= 0.01
    assert rates[-1] < 1e-4
    assert 2 < top < 12


def test_training_ends_when_patience_is_used_up() -> None:
    objective, rows = setting()
    how = Training(epochs=30, patience=2, learning_rate=0.0)
    history = learn(objective, rows, rows, how).history
    assert [epoch["improved"] for epoch in history] == [True, False, False]
    assert {epoch["epochs"] for epoch in history} == {30}


def test_a_learned_model_has_the_weights_of_its_best_epoch() -> None:
    objective, rows = setting()
    kept: dict[int, dict[str, Tensor]] = {}

    def keep(epoch: Epoch) -> None:
        kept[epoch.number] = {name: value.clone() for name, value in objective.state_dict().items()}

    found = learn(objective, rows, rows, Training(epochs=6, learning_rate=0.3, snapshots=2), keep)
    best = [epoch["number"] for epoch in found.history if epoch["improved"]][-1]
    assert not objective.training
    assert all(torch.equal(value, kept[best][name]) for name, value in objective.state_dict().items())
    assert list(found.earlier) == [1, 2]
    assert all(torch.equal(value, kept[2][name]) for name, value in found.earlier[2].items())
