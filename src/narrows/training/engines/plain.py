"""The plain engine, and the first quantity of a step that is not finite."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from narrows.core.errors import TrainingError
from narrows.core.records import Batch, Pass
from narrows.model.build import Costs, Trainable
from narrows.training.devices import random_states, set_random_states
from narrows.training.engines.base import Engine
from narrows.training.meter import averages, mean_costs
from narrows.training.optimizers import Updates, squared_norm


class Plain(Engine):
    """Eager computation in float32 by one process."""

    objective: Trainable
    updates: Updates

    def prepare(self, objective: Trainable, updates: Updates) -> None:
        self.objective, self.updates = objective, updates

    def step(self, batch: Batch) -> dict[str, Tensor]:
        before = random_states(self.device)
        self.updates.clear()
        costs: Costs = self.objective(batch)
        costs.total.backward()  # type: ignore[no-untyped-call]
        if not self._clip(costs.total):
            set_random_states(before, self.device)
            raise TrainingError(
                f"Training stopped: {first_bad(self.objective, batch)} is not finite any more. A smaller "
                f"training.learning_rate or another loss may help."
            )
        self.updates.apply()
        return mean_costs(costs)

    def _clip(self, total: Tensor) -> bool:
        """Clip the gradients if that is wanted; whether the total and, if it is, their norm are finite."""
        clip, gradients = self.updates.clip, self.updates.gradients()
        if not clip.times:
            return math.isfinite(total.item())
        cost, squared = torch.stack([total.detach(), squared_norm(gradients)]).tolist()
        if not math.isfinite(cost + squared):
            return False
        clip(gradients, math.sqrt(squared))
        return True

    def reduce(self, sums: Mapping[str, Tensor], n: int) -> dict[str, float]:
        return averages(sums, n)


def first_bad(objective: Trainable, batch: Batch) -> str:
    """The first quantity of a step, in the order of computation, that is not finite.

    The pass is made again, because a step does not keep its activations: with the random state of the step,
    and the weights, which it has not updated. Only what a pass itself changes (running means of batch
    normalisation, the entries of a codebook) is one pass further.
    """
    costs, trace = objective.traced(batch)
    for name, value in quantities(objective, costs, trace):
        if value is not None and not value.isfinite().all():
            return name
    return "the norm of the gradient"


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
