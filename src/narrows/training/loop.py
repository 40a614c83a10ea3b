"""One training loop. It yields a record per epoch; whoever iterates decides what to do with it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from narrows.core.errors import TrainingError
from narrows.core.files import undamaged
from narrows.core.records import Batch
from narrows.core.registry import within
from narrows.core.weights import copy_into
from narrows.model.build import Costs, Objective
from narrows.training.batches import Rows, Stream, steps_of, turned
from narrows.training.checkpoint import Checkpoint
from narrows.training.stages import Stage, plan

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
}

MOMENTS = {
    "adam": ("step", "exp_avg", "exp_avg_sq"),
    "adamw": ("step", "exp_avg", "exp_avg_sq"),
    "sgd": ("momentum_buffer",),
}
"""What an optimizer remembers of each weight: a number called step, and tensors of the weight's shape."""


class Training:
    """How to train.

    Args:
        epochs: passes over the training part; None takes as many as come to about 10,000 steps,
            at least 10 and at most 100.
        batch_size: examples per step; None takes 32, 64 or 128 by the number of examples.
        learning_rate: the highest of the schedule.
        schedule: "one-cycle" warms up and decays to nearly 0 (Smith & Topin 2019,
            "Super-convergence"); "constant" does neither.
        optimizer: "adamw", with decoupled weight decay; "adam", with the coupled one; "sgd".
        weight_decay: as the optimizer takes it.
        momentum: of sgd.
        beta2: of adam and adamw, how much they remember of the squares of the gradients.
        clip: a gradient longer than this many times the running mean of its length is shortened to
            that; 0 never shortens.
        patience: epochs without a better validation before training stops early; None takes a
            quarter of the epochs, at least 10.
        keep: the weights to end with: of the epoch with the "best" validation, or of the "last".
        layerwise: share of the epochs in which the layers of an MLP are trained one by one, from the
            data inwards, before the whole is.
        snapshots: how many epochs before the last leave a copy of their weights in the run: 1, and on with
            growing steps; what `narrows sample --by-epoch` shows.
        turns: whether images are mirrored and turned by quarters at random, batch by batch, for data
            without an up and a down, or where what is learned is local.
    """

    def __init__(
        self,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float = 3e-3,
        schedule: Literal["one-cycle", "constant"] = "one-cycle",
        optimizer: Literal["adamw", "adam", "sgd"] = "adamw",
        weight_decay: float = 0.01,
        momentum: float = 0.9,
        beta2: float = 0.999,
        clip: float = 5.0,
        patience: int | None = None,
        keep: Literal["best", "last"] = "best",
        layerwise: float = 0.0,
        snapshots: int = 0,
        turns: bool = False,
    ) -> None:
        self.epochs, self.batch_size, self.patience = epochs, batch_size, patience
        for name, value in (("epochs", epochs), ("batch_size", batch_size), ("patience", patience)):
            within(name, 1 if value is None else value, 1, 10**9)
        self.learning_rate = within("learning_rate", learning_rate, 0)
        self.weight_decay = within("weight_decay", weight_decay, 0)
        self.clip = within("clip", clip, 0)
        self.momentum = within("momentum", momentum, 0, 0.999)
        self.beta2 = within("beta2", beta2, 0.5, 0.99999)
        self.layerwise = within("layerwise", layerwise, 0, 0.9)
        self.snapshots = int(within("snapshots", snapshots, 0, 100))
        self.schedule, self.optimizer, self.keep, self.turns = schedule, optimizer, keep, turns

    def sized_for(self, n: int) -> Training:
        """The same with epochs, batch size and patience settled for `n` training examples.

        >>> how = Training().sized_for(54_000)
        >>> how.batch_size, how.epochs, how.patience
        (128, 24, 10)
        """
        batch_size = self.batch_size or (128 if n >= 4096 else 64 if n >= 512 else 32)
        steps = math.ceil(n / batch_size)
        epochs = self.epochs or min(max(10, round(10_000 / steps)), 100)
        patience = self.patience or max(10, epochs // 4)
        return Training(**{**vars(self), "batch_size": batch_size, "epochs": epochs, "patience": patience})

    @property
    def snapshot_epochs(self) -> list[int]:
        """The epochs that leave a copy, evenly spaced on a logarithmic scale.

        >>> Training(epochs=24, snapshots=4).snapshot_epochs
        [1, 2, 5, 11]
        """
        steps = self.snapshots
        return sorted({round((self.epochs or 1) ** (i / steps)) for i in range(steps)})


class Learned(NamedTuple):
    """How a training went: its epochs' records, whether it was interrupted, weights by earlier epoch."""

    history: list[dict[str, Any]]
    interrupted: bool
    earlier: dict[int, dict[str, Tensor]]


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to.

    `train` and `validation` hold the mean of each cost per example, unweighted, and of the weighted
    `total`; `improved` says that its weights are to be kept, the validation being the best of its
    stage so far, or the last ones being wanted; `seconds` since the start and `left` until the
    planned end.
    """

    number: int
    epochs: int
    stage: str
    train: dict[str, float]
    validation: dict[str, float]
    learning_rate: float
    improved: bool
    seconds: float
    left: float


class State:
    """Where a training stands between two epochs: what is kept of it is enough to go on.

    The learning rate, the best value and the patience used up follow from the history; they are not
    kept beside it, so that they cannot contradict it.
    """

    def __init__(self, objective: Objective, rows: Rows | Stream, how: Training) -> None:
        how = how.sized_for(len(rows))
        assert how.epochs is not None
        assert how.batch_size is not None
        self.objective, self.how, self.device = objective, how, rows.device
        self.steps = steps_of(len(rows), how.batch_size)
        self.stages = plan(objective, how.epochs, how.layerwise)
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, Tensor] = {}
        self.earlier: dict[int, dict[str, Tensor]] = {}
        self.enter(self.stages[0])

    def enter(self, stage: Stage) -> None:
        """Begin a stage: with an optimizer and a schedule of its own."""
        self.stage = stage
        self.parameters = list(stage.objective.parameters())
        self.optimizer = make_optimizer(self.parameters, self.how)
        self.schedule = make_schedule(self.optimizer, self.how, stage.epochs * self.steps)
        self.clip = Clip(self.how.clip)

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
        moved = [i for i, p in enumerate(self.parameters) if p in self.optimizer.state]
        return {"history": self.history, "clip": self.clip.mean, "moved": moved}

    def tensors(self) -> dict[str, Tensor]:
        """All tensors that are to be kept, as they are in use; of the random states, copies."""
        states = ((i, self.optimizer.state.get(p, {})) for i, p in enumerate(self.parameters))
        moments = {f"{i}.{key}": value for i, state in states for key, value in state.items()}
        parts = {
            "weights": self.objective.state_dict(),
            "best": self.best,
            "optimizer": moments,
            "random": random_states(self.device),
            **{f"earlier.{number}": weights for number, weights in self.earlier.items()},
        }
        return {f"{part}.{name}": value for part, held in parts.items() for name, value in held.items()}

    def restore(self, checkpoint: Checkpoint) -> None:
        """Stand where the training stood that `checkpoint` was written by; at the start, if none was.

        Raises:
            DamagedRunError: when it does not hold what a training like this one keeps.
        """
        kept = checkpoint.read()
        if kept is None:
            return
        tensors, numbers = kept
        with undamaged(checkpoint.folder):
            self.history = checked(numbers["history"], self.how)
            if any(self.stage_of(e["number"])[0].name != e["stage"] for e in self.history):
                raise ValueError("epochs of other stages")
            stage, before = self.stage_of(len(self.history))
            self.enter(stage)
            self.clip.mean = numbers["clip"]
            if not 0 <= self.clip.mean < math.inf:
                raise ValueError(f"gradients of mean length {self.clip.mean}")
            self.best = self.copy()
            past = (n for n in self.how.snapshot_epochs if n <= len(self.history))
            self.earlier = {number: self.copy() for number in past}
            for i in numbers["moved"]:
                self.optimizer.state[self.parameters[i]] = self._no_moments(self.parameters[i])
            wanted = self.tensors()
            copy_into(wanted, tensors, str(checkpoint.folder))
            set_random_states(wanted, self.device)
            self._set_schedule((len(self.history) - before) * self.steps)

    def _no_moments(self, parameter: nn.Parameter) -> dict[str, Tensor]:
        """What the optimizer remembers of a weight it has never moved."""
        number = torch.zeros((), device=self.device)
        moments = MOMENTS[self.how.optimizer]
        return {key: number if key == "step" else torch.zeros_like(parameter) for key in moments}

    def _set_schedule(self, done: int) -> None:
        """The schedule as it is after `done` steps."""
        if self.schedule is None:
            return
        # A count of 1 would complain that the optimizer has not stepped yet.
        counts = {"last_epoch": done - 1, "_step_count": max(2, done)}
        self.schedule.load_state_dict({**self.schedule.state_dict(), **counts})
        self.schedule.step()


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
    how = how.sized_for(len(rows))
    assert how.epochs is not None
    assert how.batch_size is not None
    assert how.patience is not None
    state = state or State(objective, rows, how)
    start = time.perf_counter() - state.seconds
    for number in range(len(state.history) + 1, how.epochs + 1):
        stage, before = state.stage_of(number)
        if stage is not state.stage:
            stage.prepare(rows)
            state.enter(stage)
        best, waited = state.standing()
        if waited >= how.patience and stage is state.stages[-1]:
            return
        trained = train_epoch(state, rows, number - 1 - before)
        judged = evaluate(stage.objective, validation)
        improved = judged["total"] < best or how.keep == "last"
        seconds = time.perf_counter() - start
        left = seconds / number * (how.epochs - number)
        rate = state.optimizer.param_groups[0]["lr"]
        yield Epoch(number, how.epochs, stage.name, trained, judged, rate, improved, seconds, left)


def train_epoch(state: State, rows: Rows | Stream, done: int) -> dict[str, float]:
    """One pass over `rows` in the stage that `state` is in, after `done` epochs of it; the mean costs."""
    how, objective, bottleneck = state.how, state.stage.objective, state.objective.model.bottleneck
    assert how.batch_size is not None
    objective.train()
    meter = Meter()
    for i, batch in enumerate(rows.shuffled(how.batch_size)):
        bottleneck.progress.fill_((done + i / state.steps) / state.stage.epochs)
        batch = turned(batch) if how.turns else batch
        costs = step(objective, state.parameters, batch, state.optimizer, state.clip if how.clip else None)
        if state.schedule is not None:
            state.schedule.step()
        meter.add(costs, len(batch.x))
    bottleneck.progress.fill_(1)
    return meter.means()


def learn(
    objective: Objective,
    rows: Rows | Stream,
    validation: Rows,
    how: Training,
    on_epoch: Callable[[Epoch], None] | None = None,
    checkpoint: Checkpoint | None = None,
) -> Learned:
    """Train on the device of `rows` and end on the CPU with the weights of the best epoch.

    An interruption after the first epoch (Ctrl-C) ends the training and keeps the best so far. With
    a `checkpoint` the state is kept there from time to time, and what is there is gone on from.
    """
    for module in (objective, rows.scaling):
        module.to(rows.device)
    state = State(objective, rows, how)
    if checkpoint:
        state.restore(checkpoint)
    interrupted = False
    try:
        for epoch in train(objective, rows, validation, how, state):
            state.add(epoch)
            if on_epoch:
                on_epoch(epoch)
            if checkpoint and checkpoint.due():
                checkpoint.write(state.tensors(), state.numbers())
        if checkpoint:
            checkpoint.write(state.tensors(), state.numbers())
    except KeyboardInterrupt:
        if not state.best:
            raise
        interrupted = True
    objective.load_state_dict(state.best)
    for module in (objective, rows.scaling):
        module.to("cpu")
    objective.eval()
    earlier = {n: {k: v.cpu() for k, v in weights.items()} for n, weights in state.earlier.items()}
    return Learned(state.history, interrupted, earlier)


def checked(history: list[dict[str, Any]], how: Training) -> list[dict[str, Any]]:
    """`history` as it was kept, if it is one: numbered from 1, with numbers where they belong."""
    records = [asdict(Epoch(**record)) for record in history]
    for number, record in enumerate(records, 1):
        costs = (record["train"], record["validation"])
        times = (record["seconds"], record["left"], record["learning_rate"])
        numbers = (*times, *(c["total"] for c in costs), *costs[0].values())
        if not all(isinstance(value, float) for value in (*numbers, *costs[1].values())):
            raise ValueError(f"epoch {number} holds what is no number")
        if (record["number"], record["epochs"], type(record["improved"])) != (number, how.epochs, bool):
            raise ValueError(f"epoch {number} is not of this training")
    if not 0 < len(records) <= (how.epochs or 0):
        raise ValueError(f"{len(records)} epochs of {how.epochs}")
    return records


def random_states(device: torch.device) -> dict[str, Tensor]:
    """The states of the generators that a training on `device` draws from."""
    states = {"cpu": torch.get_rng_state()}
    if device.type != "cpu":
        states[device.type] = torch.get_device_module(device).get_rng_state(*index_of(device))
    return states


def set_random_states(states: Mapping[str, Tensor], device: torch.device) -> None:
    """Set the generators to `states`, by name with "random." in front."""
    torch.set_rng_state(states["random.cpu"])
    if device.type != "cpu":
        module = torch.get_device_module(device)
        module.set_rng_state(states[f"random.{device.type}"], *index_of(device))


def index_of(device: torch.device) -> tuple[torch.device, ...]:
    """The argument that says which of several devices; Apple's have but one and take none."""
    return () if device.type == "mps" else (device,)


def make_optimizer(parameters: list[nn.Parameter], how: Training) -> torch.optim.Optimizer:
    """The optimizer, in its fused form: one kernel for all weights."""
    settings = {"lr": how.learning_rate, "weight_decay": how.weight_decay, "fused": True}
    memory = {"momentum": how.momentum} if how.optimizer == "sgd" else {"betas": (0.9, how.beta2)}
    return OPTIMIZERS[how.optimizer](parameters, **settings, **memory)  # type: ignore[arg-type]


def make_schedule(
    optimizer: torch.optim.Optimizer, how: Training, steps: int
) -> torch.optim.lr_scheduler.LRScheduler | None:
    if how.schedule == "constant":
        return None
    cycled = how.optimizer != "sgd"  # whose momentum was asked for
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, how.learning_rate, max(2, steps), cycle_momentum=cycled
    )


class Clip:
    """Shortens a gradient that is longer than `times` the running mean of those before it."""

    def __init__(self, times: float) -> None:
        self.times = times
        self.mean = 0.0

    def __call__(self, gradients: list[Tensor]) -> bool:
        """Shorten `gradients` in place if need be; False when they are not finite."""
        # A third of the time that torch.nn.utils.get_total_norm takes on a CPU.
        squares = [torch.dot(g.flatten(), g.flatten()) for g in gradients]
        length = math.sqrt(torch.stack(squares).sum().item())
        if not math.isfinite(length):
            return False
        limit = self.times * self.mean
        if 0 < limit < length:
            torch._foreach_mul_(gradients, limit / length)
            length = limit
        self.mean = 0.98 * self.mean + 0.02 * length if self.mean else length
        return True


def step(
    objective: nn.Module,
    parameters: list[nn.Parameter],
    batch: Batch,
    optimizer: torch.optim.Optimizer,
    clip: Clip | None,
) -> Costs:
    """One step downhill, unless a number is not finite any more; what `batch` cost before it."""
    for parameter in parameters:
        parameter.grad = None
    costs: Costs = objective(batch)
    costs.total.backward()  # type: ignore[no-untyped-call]
    fine = math.isfinite(costs.total.item())
    if fine and clip is not None:
        fine = clip([p.grad for p in parameters if p.grad is not None])
    if not fine:
        raise TrainingError(
            f"Training stopped: {first_bad(objective, costs)} is not finite any more. A smaller "
            f"training.learning_rate or another loss may help."
        )
    optimizer.step()
    return costs


def first_bad(objective: nn.Module, costs: Costs) -> str:
    """The first quantity of a step, in the order of computation, that is not finite."""
    trace = costs.trace
    quantities: list[tuple[str, Tensor | None]] = [
        *((f"the weight {name}", p) for name, p in objective.named_parameters()),
        ("the scaled input", trace.x),
        ("the corrupted input", trace.seen),
        *((f"hidden layer {i} of the encoder", h) for i, h in enumerate(trace.features.hidden)),
        ("what the encoder found", trace.features.h),
        ("the code", trace.code.z),
        ("the decoder's output", trace.y),
        *((f"the cost {name!r}", cost.value) for name, cost in costs.parts.items()),
        *((f"the gradient of {name}", p.grad) for name, p in objective.named_parameters()),
    ]
    finite = (name for name, value in quantities if value is not None and not value.isfinite().all())
    return next(finite, "the length of the gradient")


@torch.no_grad()
def evaluate(objective: nn.Module, rows: Rows, *, batch_size: int = 1000) -> dict[str, float]:
    """The mean of each cost over `rows`, under the same noise at each call."""
    objective.eval()
    meter = Meter()
    with torch.random.fork_rng(devices=[rows.device] if rows.device.type == "cuda" else []):
        torch.manual_seed(0)
        for batch in rows.batches(batch_size):
            meter.add(objective(batch), len(batch.x))
    return meter.means()


FOLDED = 100
"""Steps whose costs are kept apart before they are summed up; many small tensors kept for long would
cut the memory that is free into pieces too small for a batch."""


class Meter:
    """Means of costs over the examples of an epoch, kept on the device until they are asked for."""

    def __init__(self) -> None:
        self.values: dict[str, list[Tensor]] = {}
        self.counts: list[int] = []
        self.sums: dict[str, Tensor] = {}
        self.n = 0

    def add(self, costs: Costs, n: int) -> None:
        for name, cost in costs.parts.items():
            self.values.setdefault(name, []).append(cost.value.detach())
        self.values.setdefault("total", []).append(costs.total.detach())
        self.counts.append(n)
        if len(self.counts) == FOLDED:
            self.fold()

    def fold(self) -> None:
        """Sum up what was added since the last time."""
        for name, values in self.values.items():
            batches = torch.stack([value.mean() for value in values]).cpu().double()
            counts = torch.tensor(self.counts, dtype=torch.float64)
            self.sums[name] = self.sums.get(name, 0) + batches @ counts
        self.n += sum(self.counts)
        self.values, self.counts = {}, []

    def means(self) -> dict[str, float]:
        if self.counts:
            self.fold()
        return {name: float(total) / self.n for name, total in self.sums.items()}
