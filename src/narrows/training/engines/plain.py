"""The plain engine, and the first quantity of a step that is not finite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from narrows.core.errors import TrainingError
from narrows.core.processes import ALONE, Processes
from narrows.core.records import Batch, Pass
from narrows.model.build import Costs, Trainable
from narrows.training.compiled import Compiled
from narrows.training.computing import FLOAT32, Computing
from narrows.training.devices import random_states, set_random_states
from narrows.training.engines.base import Engine
from narrows.training.engines.exchange import Exchange
from narrows.training.meter import averages, mean_costs
from narrows.training.optimizers import Updates

LOOKED, KEPT = 20, 2**26
"""Where looking at a number means to wait for a device: after so many steps, or bytes of their batches."""


class Taken(NamedTuple):
    """A step: its batch, the random states before it, and whether all was finite up to its end, `()`."""

    batch: Batch
    before: dict[str, Tensor]
    finite: Tensor


class Plain(Engine):
    """Computes as it is told, step by step; eagerly in float32 unless it is.

    Attributes:
        looked: steps after which it is looked whether all is finite: each on the CPU, which waits for
            nothing.
    """

    objective: Trainable
    updates: Updates
    exchange: Exchange
    compiled: Compiled | None

    def __init__(
        self, device: torch.device, processes: Processes = ALONE, computing: Computing = FLOAT32
    ) -> None:
        super().__init__(device, processes, computing)
        self.looked = 1 if device.type == "cpu" else LOOKED
        self.recent: list[Taken] = []

    def prepare(self, objective: Trainable, updates: Updates) -> None:
        self.objective, self.updates = objective, updates
        self.exchange = Exchange(self.processes, objective)
        self.compiled = Compiled(objective) if self.computing.compiled else None

    def costs(self, batch: Batch) -> Costs:
        """The costs of a batch, from which gradients are computed."""
        with self.computing.forward(self.device):
            found: Costs = (self.compiled or self.objective)(batch)
        return found

    def step(self, batch: Batch) -> dict[str, Tensor]:
        before = random_states(self.device)
        self.updates.clear()
        self.exchange.before()
        costs = self.costs(batch)
        costs.total.backward()  # type: ignore[no-untyped-call]
        total = self.exchange.average(costs.total, self.updates.gradients(), batch.n)
        self.recent.append(Taken(batch, before, self.updates.apply(total)))
        if len(self.recent) >= self.looked or (self.processes.alone and self.many(batch)):
            self.look()
        return mean_costs(costs)

    def many(self, batch: Batch) -> bool:
        """Whether the recent steps keep much memory; processes, whose shares differ, all look together."""
        return batch.x.nbytes * len(self.recent) > KEPT

    def look(self) -> None:
        """See whether all was finite in the steps since the last time.

        Raises:
            TrainingError: when it was not, naming the first quantity.
        """
        recent, self.recent = self.recent, []
        if not recent or recent[-1].finite:
            return
        bad = next(step for step in recent if not step.finite)
        set_random_states(bad.before, self.device)
        _, name = min(self.processes.each(first_bad(self.objective, bad.batch)))
        raise TrainingError(
            f"Training stopped: {name} is not finite any more. A smaller training.learning_rate or another "
            f"loss may help."
        )

    def reduce(self, sums: Mapping[str, Tensor], n: int) -> dict[str, float]:
        self.look()
        return averages(sums, n, self.processes)


def first_bad(objective: Trainable, batch: Batch) -> tuple[int, str]:
    """The first quantity of a step, in the order of computation, that is not finite: its place and name.

    The pass is made again, because a step does not keep its activations: with the random state of the step,
    and the weights, which neither it nor a later one has updated. Only what a pass itself changes (running
    means of batch normalisation, the entries of a codebook) is some passes further.
    """
    objective.zero_grad()
    costs, trace = objective.traced(batch)
    if costs.total.isfinite():
        costs.total.backward()  # type: ignore[no-untyped-call]
    place = 0
    for place, (name, value) in enumerate(quantities(objective, costs, trace)):
        if value is not None and not value.isfinite().all():
            return place, name
    return place + 1, "the norm of the gradient"


def quantities(objective: nn.Module, costs: Costs, trace: Pass) -> Iterator[tuple[str, Tensor | None]]:
    """All quantities of a step by name, in the order of computation."""
    yield from ((f"the weight {name}", p) for name, p in objective.named_parameters())
    yield "the scaled input", trace.x
    yield "the corrupted input", trace.seen
    yield from ((f"hidden layer {i} of the encoder", h) for i, h in enumerate(trace.features.hidden))
    yield "what the encoder found", trace.features.h
    yield "the code", trace.code.z
    yield "the decoder's output", trace.y
    yield from ((f"the cost {name!r}", cost.value) for name, cost in costs.parts.items())
    yield "the total cost", costs.total
    yield from ((f"the gradient of {name}", p.grad) for name, p in objective.named_parameters())
