"""What processes tell each other in a step: one sum of all gradients in a flat bucket.

The cost of a batch of N examples is the mean over them, so that its gradient is Σ n g / N over processes that
found g for their n examples. It is the gradient that one process finds for all N; see "Data parallel"
training in Li et al. 2020, "PyTorch Distributed: Experiences on accelerating data parallel training", VLDB.
PyTorch's own `DistributedDataParallel` divides by the number of processes, which is another gradient where
they have different numbers of examples, and wants one tensor from the pass, not costs by name.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.distributed as dist
from torch import Tensor

from narrows.core.processes import Processes
from narrows.model.build import Trainable


class Exchange:
    """Averages over processes what each found for its share of a batch.

    What a pass itself changes is averaged too: running means of batch normalisation, the use of the entries
    of a codebook. Weights that a pass replaces, as idle entries of a codebook, become those of the first
    process.

    Args:
        processes: among which batches are divided.
        objective: on its device; its weights become those of the first process.
    """

    def __init__(self, processes: Processes, objective: Trainable) -> None:
        self.processes = processes
        self.weights = list(objective.parameters())
        self.buffers = [each for each in objective.buffers() if each.is_floating_point()]
        if not processes.alone:
            self.begin_alike(objective)

    @torch.no_grad()
    def begin_alike(self, objective: Trainable) -> None:
        """Take over the weights of the first process."""
        state = objective.state_dict()
        given = self.processes.told(lambda: {name: value.cpu() for name, value in state.items()})
        for name, value in state.items():
            value.copy_(given[name])

    def before(self) -> None:
        """Remember what a pass may change."""
        if not self.processes.alone:
            self.versions = [weight._version for weight in self.weights]
            self.held = [buffer.clone() for buffer in self.buffers]

    @torch.no_grad()
    def average(self, total: Tensor, gradients: Sequence[Tensor], n: int) -> Tensor:
        """Average `gradients` in place, and the `total` cost `()`, over examples, of which `n` are here."""
        if self.processes.alone:
            return total.detach()
        changes = [now - before for now, before in zip(self.buffers, self.held, strict=True)]
        found = [total.new_ones(1), total.detach().reshape(1), *gradients, *changes]
        flat = self.processes.sum(torch.cat([each.flatten() for each in found]).mul_(n))
        _, total, *averages = torch.split(flat / flat[0], [each.numel() for each in found])
        for value, average in zip(gradients, averages, strict=False):
            value.copy_(average.view_as(value))
        rest = zip(self.buffers, self.held, averages[len(gradients) :], strict=True)
        for buffer, before, change in rest:
            buffer.copy_(before + change.view_as(buffer))
        self._take_replaced()
        return total.reshape(())

    def _take_replaced(self) -> None:
        """Take over from the first process the weights that the pass replaced; it did so in all of them."""
        for weight, version in zip(self.weights, self.versions, strict=True):
            if weight._version != version:
                dist.broadcast(weight.data, 0)
