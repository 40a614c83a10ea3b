"""How much memory a fit takes, and the batch size with which it fits into the machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import torch

from narrows.core.memory import free_memory, in_words
from narrows.data.scaling import Scaling
from narrows.fitting.parts import SplitData
from narrows.model.build import Trainable
from narrows.training.batches import Rows
from narrows.training.devices import memory_of
from narrows.training.step_memory import step_memory

LIBRARIES = 0.55 * 2**30
"""Bytes of a process before it reads data, and of what it loads later: Python, torch, scikit-learn, onnx."""

STATE, SAVED = 16, 40
"""Bytes for a weight: with its moments and its best value, and besides while a checkpoint or an export is
written, which hold copies of all of them."""

FITTED, JUDGED, EXAMINED, MOST_EXAMINED = 12, 20, 40, 2**23
"""Bytes for a value: of training rows while PCA is fitted; of held-out rows, as the model and as PCA
reconstruct it; of training rows whose errors are examined, at the most so many values of them."""

FEW = 4
"""Examples that a step is measured with where it has to be computed."""

SMALL = 2**17
"""Values of a batch up to which a fit does not measure its activations, which takes a second."""


class Memory(NamedTuple):
    """The memory that a fit takes, in bytes.

    Attributes:
        came: the examples as they came.
        parts: copies of them in the parts of the split.
        step: activations and gradients of a training step, or of an evaluation if that takes more.
        work: all else at its peak, in the training, the verdict or the report: the step, weights, examples on
            the model's scale, their reconstructions.
    """

    came: float
    parts: float
    step: float
    work: float

    @property
    def total(self) -> float:
        """Of the whole process."""
        return LIBRARIES + self.came + self.ahead

    @property
    def ahead(self) -> float:
        """What is still to come in a process that has read the data."""
        return self.parts + self.work


class Steps:
    """The memory of the steps of an objective.

    Args:
        parts: the data.
        scaling: of their values.
        make: builds the objective.
        small: values of a batch up to which its activations count as nothing, and are not measured.
    """

    def __init__(
        self, parts: SplitData, scaling: Scaling, make: Callable[[], Trainable], small: int = 0
    ) -> None:
        self.parts, self.make, self.small = parts, make, small
        self.n, self.size = len(parts.train), parts.data.schema.size
        rows = Rows(parts.arranged[:FEW], scaling, collate=parts.data.schema.collate)
        self.few = rows.batch(torch.arange(len(rows)))

    @cached_property
    def weights(self) -> int:
        """How many weights are trained."""
        with torch.device("meta"), torch.random.fork_rng(devices=[]):
            return sum(each.numel() for each in self.make().parameters())

    def training(self, batch_size: int) -> int:
        """The bytes of a step on `batch_size` examples."""
        return self._measured(batch_size, trained=True)

    @cached_property
    def evaluation(self) -> int:
        """The bytes of an evaluation."""
        return self._measured(self.parts.data.schema.at_once, trained=False)

    def _measured(self, size: int, *, trained: bool) -> int:
        n = min(size, self.n)
        return step_memory(self.make, self.few, n, trained=trained) if n * self.size > self.small else 0

    def of_fit(self, batch_size: int, held_out: int | None = None) -> Memory:
        """The memory that a fit takes in steps of `batch_size` examples.

        Args:
            batch_size: examples per step.
            held_out: the number of held-out rows in memory; None takes those of the parts.
        """
        source, parts, weights = self.parts.data.source, self.parts, self.weights
        both = 1 if parts.data.noisy is None else 2
        width, train = source.dtype.itemsize, both * self.n * self.size
        held = both * (len(parts.held_out) if held_out is None else held_out) * self.size
        step = max(self.training(batch_size), self.evaluation)
        scaled = (4 if width < 8 else 12) * (train + held)
        judging = max(FITTED * train, JUDGED * held, EXAMINED * min(train, MOST_EXAMINED))
        verdict = 4 * weights + scaled + max(judging, self.evaluation)
        return Memory(
            came=both * len(source) * width * self.size if source.in_memory else 0,
            parts=width * (train + held) + both * parts.arranged.nbytes,
            step=step,
            work=max(STATE * weights + max(step, SAVED * weights), verdict),
        )

    def fitting(self, usual: int, limit: float) -> int:
        """The `usual` batch size, or the largest half, quarter, … of it with which a fit takes `limit` bytes.

        It is not halved further where a step is less than half of what the fit takes.
        """
        size = usual
        while size > 1:
            memory = self.of_fit(size)
            if memory.total <= limit or memory.step < memory.total / 2:
                break
            size = size // 2 if size <= self.n else max(1, self.n // 2)
        return size


def within_memory(steps: Steps, usual: int, device: torch.device) -> tuple[int, str]:
    """The `usual` batch size, or a smaller one with which a fit takes at most half of the memory.

    Half leaves room for other programs. The memory is all that there is, not what is free now, so that the
    same fit is the same again.

    Returns:
        The size, and the reason for a smaller one; nothing for the usual one.
    """
    there = memory_of(device)
    size = steps.fitting(usual, there / 2)
    if size == usual:
        return usual, ""
    took = steps.training(usual)
    return size, (
        f"The batch size is {size}, not {usual}: a step on {min(usual, steps.n)} examples takes "
        f"{in_words(took)}, and a fit is kept to half of this machine's {in_words(there)}."
    )


def shortage(memory: Memory, batch_size: int, smaller: str) -> str:
    """What to do if a fit takes more memory than is free, a sentence; nothing if it does not.

    Args:
        memory: that the fit takes.
        batch_size: of its steps.
        smaller: what else takes less, as `Schema.smaller`.
    """
    free = free_memory()
    if memory.ahead <= free:
        return ""
    return (
        f"This fit takes about {in_words(memory.ahead)} more memory, but {in_words(free)} are free: take "
        f"{less(memory, batch_size, smaller)}, or close other programs."
    )


def less(memory: Memory, batch_size: int, smaller: str) -> str:
    """What takes less memory: smaller batches where that is what takes most of it, and `smaller` examples."""
    if batch_size == 1 or memory.step < memory.total / 2:
        return smaller
    return f"smaller batches (--set training.batch_size={max(1, batch_size // 4)}), {smaller}"
