"""Means of costs over examples: of an epoch while it trains, and of rows that are only judged."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from narrows.core.processes import ALONE, Processes
from narrows.core.records import Batch
from narrows.model.build import Costs, Trainable
from narrows.training.batches import Rows
from narrows.training.devices import seeded

FOLDED = 100
"""Steps whose costs are kept apart before they are summed up; many small tensors kept for long would
cut the memory that is free into pieces too small for a batch."""


def mean_costs(costs: Costs) -> dict[str, Tensor]:
    """The mean of each cost of a batch, unweighted, and the `total`, `()` each, on their device."""
    means = {name: cost.value.detach().mean() for name, cost in costs.parts.items()}
    return {**means, "total": costs.total.detach()}


def averages(sums: Mapping[str, Tensor], n: int, processes: Processes = ALONE) -> dict[str, float]:
    """Means from `sums` by name, `()` each, over the `n` examples of each of the `processes`."""
    held = torch.tensor([n, *map(float, sums.values())], dtype=torch.float64)
    count, *totals = processes.sum(held).tolist()
    return {name: total / count for name, total in zip(sums, totals, strict=True)}


class Meter:
    """Sums of costs over examples; what is added stays on the device for up to `FOLDED` batches.

    Attributes:
        sums: by name, `()` each in 64 bits on the CPU, of all batches that are folded.
        n: how many examples these batches have.
    """

    def __init__(self) -> None:
        self.values: dict[str, list[Tensor]] = {}
        self.counts: list[int] = []
        self.sums: dict[str, Tensor] = {}
        self.n = 0

    def add(self, means: Mapping[str, Tensor], batch: Batch) -> None:
        """Add the mean costs of a batch."""
        for name, value in means.items():
            self.values.setdefault(name, []).append(value)
        self.counts.append(batch.n)
        if len(self.counts) == FOLDED:
            self.fold()

    def fold(self) -> None:
        """Sum up what was added since the last time."""
        counts = torch.tensor(self.counts, dtype=torch.float64)
        for name, values in self.values.items():
            self.sums[name] = self.sums.get(name, 0) + torch.stack(values).cpu().double() @ counts
        self.n += sum(self.counts)
        self.values, self.counts = {}, []


@torch.no_grad()
def evaluate(
    objective: Trainable, rows: Rows, *, least: int = 1, processes: Processes = ALONE
) -> dict[str, float]:
    """The mean of each cost over `rows`, and of the `total`, under the same noise at each call.

    Batches have at `least` so many examples: a training step takes more memory for as many. They are divided
    among `processes`, which all find the same means.
    """
    objective.eval()
    meter = Meter()
    with seeded(processes.rank, rows.device):
        for batch in rows.batches(max(least, rows.at_once), processes):
            meter.add(mean_costs(objective(batch)), batch)
    meter.fold()
    return averages(meter.sums, meter.n, processes)
