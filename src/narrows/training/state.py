"""Where a training stands between two epochs, and how that is kept and restored."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor

from narrows.core.files import undamaged
from narrows.core.processes import ALONE, Processes
from narrows.core.weights import copy_into
from narrows.model.build import Objective
from narrows.training.batches import Rows
from narrows.training.checkpoint import Checkpoint
from narrows.training.computing import FLOAT32, Computing
from narrows.training.devices import random_states, set_random_states
from narrows.training.engines import ENGINES
from narrows.training.history import Epoch, checked
from narrows.training.optimizers import Updates
from narrows.training.options import Training
from narrows.training.stages import Stage, plan
from narrows.training.stream import Stream

RANDOM = "random."
"""What the names of random states begin with."""


class State:
    """Where a training stands between two epochs: what is kept of it is enough to go on.

    The learning rate, the best value and the patience used up follow from the history; they are not
    kept beside it, so that they cannot contradict it.

    Args:
        objective: what is trained, on the device of `rows`.
        rows: the training part.
        how: the options.
        engine: a name in `ENGINES`.
        processes: among which each batch is divided.
        computing: how the engine computes.
    """

    def __init__(
        self,
        objective: Objective,
        rows: Rows | Stream,
        how: Training,
        engine: str = "plain",
        processes: Processes = ALONE,
        computing: Computing = FLOAT32,
    ) -> None:
        self.objective, self.how = objective, how.sized_for(len(rows))
        self.epochs, self.batch_size, self.patience = how.sizes(len(rows))
        self.processes = processes
        self.steps = rows.steps(self.batch_size, processes)
        self.stages = plan(objective, self.epochs, how.layerwise)
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, Tensor] = {}
        self.earlier: dict[int, dict[str, Tensor]] = {}
        self.engine = ENGINES[engine](rows.device, processes, computing)
        self.enter(self.stages[0])

    def enter(self, stage: Stage) -> None:
        """Begin a stage: with an optimizer and a schedule of its own."""
        self.stage = stage
        self.updates = Updates(list(stage.objective.parameters()), self.how, stage.epochs * self.steps)
        self.engine.prepare(stage.objective, self.updates)

    def stage_of(self, number: int) -> tuple[Stage, int]:
        """The stage that epoch `number` belongs to, and the epochs before that stage."""
        before = 0
        for stage in self.stages[:-1]:
            if number <= before + stage.epochs:
                return stage, before
            before += stage.epochs
        return self.stages[-1], before

    @property
    def seconds(self) -> float:
        """How long the training has taken."""
        return self.history[-1]["seconds"] if self.history else 0.0

    def standing(self) -> tuple[float, int]:
        """The best validation of the stage so far, and the epochs since."""
        mine = [epoch for epoch in self.history if epoch["stage"] == self.stage.name]
        improved = [i for i, epoch in enumerate(mine) if epoch["improved"]]
        if not improved:
            return math.inf, len(mine)
        return mine[improved[-1]]["validation"]["total"], len(mine) - 1 - improved[-1]

    def add(self, epoch: Epoch) -> None:
        """Take an epoch's record, and a copy of the weights if they are the best so far."""
        if epoch.improved or not self.best:
            self.best = self.copy()
        if epoch.number in self.how.snapshot_epochs:
            self.earlier[epoch.number] = self.copy()
        self.history.append(asdict(epoch))

    def copy(self) -> dict[str, Tensor]:
        """The weights as they are now."""
        return {name: value.clone() for name, value in self.objective.state_dict().items()}

    def numbers(self) -> dict[str, Any]:
        """What is to be kept beside the tensors."""
        return {"history": self.history, "clip": self.updates.clip.mean.item(), "moved": self.updates.moved()}

    def tensors(self) -> dict[str, Tensor]:
        """All tensors that are to be kept, as they are in use; of the random states, copies."""
        parts = {
            "weights.": self.objective.state_dict(),
            "best.": self.best,
            "optimizer.": self.updates.moments(),
            RANDOM: random_states(self.engine.device),
            **{f"earlier.{number}.": weights for number, weights in self.earlier.items()},
        }
        return {part + name: value for part, held in parts.items() for name, value in held.items()}

    def restore(self, checkpoint: Checkpoint | None) -> None:
        """Return to where the training stood that `checkpoint` was written by; at the start, if none was.

        It is read by the first process, which has it.

        Raises:
            DamagedRunError: when it does not hold what a training like this one keeps.
        """
        kept = self.processes.told(lambda: None if checkpoint is None else read(checkpoint))
        if kept is None:
            return
        tensors, numbers, where = kept
        with undamaged(Path(where)):
            self._resume(numbers)
            wanted = self.tensors()
            copy_into(wanted, tensors, where)
            states = {n.removeprefix(RANDOM): v for n, v in wanted.items() if n.startswith(RANDOM)}
            set_random_states(states, self.engine.device)

    def _resume(self, numbers: dict[str, Any]) -> None:
        """Take the history over, enter the stage it ends in, and make room for what belongs to it."""
        self.history = checked(numbers["history"], self.epochs)
        if any(self.stage_of(e["number"])[0].name != e["stage"] for e in self.history):
            raise ValueError("epochs of other stages")
        stage, before = self.stage_of(len(self.history))
        self.enter(stage)
        self.updates.expect(numbers["moved"], numbers["clip"])
        self.updates.skip((len(self.history) - before) * self.steps)
        self.best = self.copy()
        self.earlier = {n: self.copy() for n in self.how.snapshot_epochs if n <= len(self.history)}


def read(checkpoint: Checkpoint) -> tuple[dict[str, Tensor], dict[str, Any], str] | None:
    """The tensors and numbers of a `checkpoint`, and its folder; None before the first writing."""
    kept = checkpoint.read()
    return None if kept is None else (*kept, str(checkpoint.folder))
