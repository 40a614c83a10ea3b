from __future__ import annotations

from torch import nn

from narrows.model.build import Trainable
from narrows.training.loop import train
from narrows.training.options import Training
from narrows.training.stages import Stage
from narrows.training.state import State
from tests.training.setting import setting


def test_a_state_is_read_off_its_history() -> None:
    """The best value and the patience used up are not kept beside the history."""
    state = State.__new__(State)
    state.stage = Stage("whole", Trainable(), 9)
    totals = [(3.0, True), (2.0, True), (2.5, False), (2.1, False)]
    state.history = []
    assert state.standing() == (float("inf"), 0)
    state.history = [
        {"stage": "whole", "improved": improved, "validation": {"total": total}} for total, improved in totals
    ]
    assert state.standing() == (2.0, 2)


def test_an_epoch_belongs_to_the_stage_that_it_falls_into() -> None:
    state = State.__new__(State)
    state.stages = [Stage(name, Trainable(), epochs) for name, epochs in (("a", 2), ("b", 1), ("whole", 3))]
    found = [(stage.name, before) for stage, before in map(state.stage_of, range(1, 7))]
    assert found == [("a", 0), ("a", 0), ("b", 2), ("whole", 3), ("whole", 3), ("whole", 3)]


def test_what_is_kept_is_named_and_the_best_is_a_copy() -> None:
    objective, rows = setting()
    how = Training(epochs=3, batch_size=16, snapshots=1)
    state = State(objective, rows, how)
    for epoch in train(objective, rows, rows, how, state):
        state.add(epoch)
    names = list(state.tensors())
    weights = list(objective.state_dict())
    assert [n for n in names if n.startswith("weights.")] == [f"weights.{n}" for n in weights]
    assert {n.split(".")[0] for n in names} == {"weights", "best", "optimizer", "random", "earlier"}
    assert state.numbers()["moved"] == list(range(len(list(objective.parameters()))))
    before = {name: value.clone() for name, value in state.best.items()}
    for parameter in objective.parameters():
        nn.init.zeros_(parameter)
    assert all((state.best[name] == value).all() for name, value in before.items())
