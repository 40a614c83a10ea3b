"""One training loop. It yields a record per epoch; whoever iterates decides what to do with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from torch import Tensor

from narrows.core.processes import ALONE, Processes
from narrows.core.steps import stepped
from narrows.model.build import Objective
from narrows.training.batches import Rows, mirrored, turned
from narrows.training.checkpoint import Checkpoint
from narrows.training.computing import FLOAT32, Computing
from narrows.training.devices import placed
from narrows.training.history import Epoch
from narrows.training.meter import Meter, evaluate
from narrows.training.options import Training
from narrows.training.state import State
from narrows.training.stream import Stream


class Learned(NamedTuple):
    """How a training went: its epochs' records, whether it was interrupted, weights by earlier epoch."""

    history: list[dict[str, Any]]
    interrupted: bool
    earlier: dict[int, dict[str, Tensor]]


def train(
    objective: Objective, rows: Rows | Stream, validation: Rows, how: Training, state: State | None = None
) -> Iterator[Epoch]:
    """Train `objective` on `rows`, yielding after each epoch.

    Everything random is drawn from torch's global generator: seed it to get the same again. The
    weights are those of the last epoch; keep a copy when an epoch `improved` to have the best. A
    `state` with a history goes on after its last epoch.

    Raises:
        TrainingError: when a number stops being finite, naming the first quantity that did.
    """
    state = state or State(objective, rows, how)
    start = time.perf_counter() - state.seconds
    for number in range(len(state.history) + 1, state.epochs + 1):
        stage, before = state.stage_of(number)
        if stage is not state.stage:
            stage.prepare(rows)
            state.enter(stage)
        best, waited = state.standing()
        if waited >= state.patience and stage is state.stages[-1]:
            return
        trained = train_epoch(state, rows, number - 1 - before, number)
        judged = evaluate(stage.objective, validation, least=state.batch_size, processes=state.processes)
        improved = judged["total"] < best or how.keep == "last"
        seconds = time.perf_counter() - start
        left = seconds / number * (state.epochs - number)
        rate = state.updates.learning_rate
        yield Epoch(number, state.epochs, stage.name, trained, judged, rate, improved, seconds, left)


def train_epoch(state: State, rows: Rows | Stream, done: int, number: int = 1) -> dict[str, float]:
    """One pass over `rows` in the stage that `state` is in, after `done` epochs of it; the mean costs.

    It is called epoch `number` where it takes long.
    """
    progress = state.objective.model.bottleneck.progress
    state.stage.objective.train()
    meter = Meter()
    batches = rows.shuffled(state.batch_size, state.processes)
    for i, batch in enumerate(stepped(batches, state.steps, f"epoch {number}: step")):
        progress.fill_((done + i / state.steps) / state.stage.epochs)
        batch = mirrored(batch) if state.how.mirrors else batch
        batch = turned(batch) if state.how.turns else batch
        meter.add(state.engine.step(batch), batch)
    progress.fill_(1)
    meter.fold()
    return state.engine.reduce(meter.sums, meter.n)


def learn(
    objective: Objective,
    rows: Rows | Stream,
    validation: Rows,
    how: Training,
    on_epoch: Callable[[Epoch], None] | None = None,
    checkpoint: Checkpoint | None = None,
    enough: Callable[[Epoch], bool] | None = None,
    processes: Processes = ALONE,
    computing: Computing = FLOAT32,
) -> Learned:
    """Train on the device of `rows` and end on the CPU with the weights of the best epoch.

    An interruption after the first epoch (Ctrl-C) ends the training of one process and keeps the best so far.
    With a `checkpoint` the state is kept there from time to time, and what is there is gone on from. No epoch
    follows one that is `enough`. Several `processes` divide each batch, and end with the same weights; the
    first one alone has a checkpoint.

    Raises:
        TrainingError: as `train`.
        DamagedRunError: when the state in `checkpoint` is not one of this training.
    """
    with placed(rows.device, objective, rows.scaling), computing.entered():
        state = State(objective, rows, how, processes=processes, computing=computing)
        state.restore(checkpoint)
        epochs = train(objective, rows, validation, how, state)
        interrupted = not finished(epochs, state, on_epoch, checkpoint, enough)
        objective.load_state_dict(state.best)
    objective.eval()
    earlier = {n: {k: v.cpu() for k, v in weights.items()} for n, weights in state.earlier.items()}
    return Learned(state.history, interrupted, earlier)


def finished(
    epochs: Iterator[Epoch],
    state: State,
    on_epoch: Callable[[Epoch], None] | None,
    checkpoint: Checkpoint | None,
    enough: Callable[[Epoch], bool] | None = None,
) -> bool:
    """Go through `epochs` until one is `enough`, keeping the state; false when a person interrupts them.

    Processes that work together all end then: they would not stop at the same step.
    """
    try:
        for epoch in epochs:
            state.add(epoch)
            if on_epoch:
                on_epoch(epoch)
            if checkpoint and checkpoint.due():
                checkpoint.write(state.tensors(), state.numbers())
            if enough and enough(epoch):
                break
        if checkpoint:
            checkpoint.write(state.tensors(), state.numbers())
    except KeyboardInterrupt:
        if not state.best or not state.processes.alone:
            raise
        return False
    return True
