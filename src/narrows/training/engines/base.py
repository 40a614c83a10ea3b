"""What every engine promises: it says where and how a training computes, the rest of `training/` does not."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from narrows.core.processes import ALONE, Processes
from narrows.core.records import Batch
from narrows.model.build import Trainable
from narrows.training.computing import FLOAT32, Computing
from narrows.training.optimizers import Updates


class Engine(ABC):
    """The only place in which a training knows of compilation, precision, devices and processes.

    For each stage of a training `prepare` is called once, then `step` for each batch, and `reduce` at the end
    of each epoch. An engine may compile the objective, compute in another precision, capture a step as a
    graph or divide it among processes, as long as these promises hold:

    - `step` updates the weights of the objective that was prepared by its gradient on the batch;
    - weights, moments of the optimizer and random states are between two steps where `State` finds them: in
      the objective, the `Updates` and the generators of `device`;
    - `step` returns tensors on the device and does not wait for it, except once in a while to see whether all
      was finite. From the first step on that is not, the weights stay as they were, and training stops
      before the end of the epoch with the first quantity named;
    - the same seed, machine and engine give the same bytes.

    Args:
        device: where batches and the objective are.
        processes: among which each batch is divided; a batch that `step` gets is the share of this one.
        computing: precision, compilation and the like; whoever trains enters it.
    """

    def __init__(
        self, device: torch.device, processes: Processes = ALONE, computing: Computing = FLOAT32
    ) -> None:
        self.device, self.processes, self.computing = device, processes, computing

    @abstractmethod
    def prepare(self, objective: Trainable, updates: Updates) -> None:
        """Begin a stage, in which `objective` is minimised by `updates` of its weights."""

    @abstractmethod
    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Update the weights once.

        Returns:
            What `batch`, as it is here, cost before the update: the mean of each cost and the `total`, `()`
            each.

        Raises:
            TrainingError: when this step or a recent one is not finite, naming the first quantity.
        """

    @abstractmethod
    def reduce(self, sums: Mapping[str, Tensor], n: int) -> dict[str, float]:
        """The mean costs of an epoch from their `sums`, `()` each, over `n` examples.

        Both are those of this process; the means are over all processes, and the same in all.

        Raises:
            TrainingError: as `step`.
        """
