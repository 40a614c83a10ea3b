"""The memory of a training step: the tensors that it allocates, counted without computing it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from narrows.core.records import Batch
from narrows.model.build import Trainable


class Allocations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is entered, counts the bytes of the tensors that operations return, as long as they are used.

    Attributes:
        now: the bytes that are in use.
        peak: the most that were in use at a time.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.peak = 0
        self.sizes: dict[int, int] = {}

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        for each in tree_leaves(result):
            if isinstance(each, Tensor):
                self._add(each.untyped_storage())
        return result

    def _add(self, storage: torch.UntypedStorage) -> None:
        key = storage._cdata
        if key in self.sizes:
            return
        self.sizes[key] = storage.nbytes()
        self.now += self.sizes[key]
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._remove, key)

    def _remove(self, key: int) -> None:
        self.now -= self.sizes.pop(key, 0)


def step_memory(make: Callable[[], Trainable], few: Batch, n: int, *, trained: bool = True) -> int:
    """The bytes that a training step on `n` examples allocates at its peak: activations and all gradients.

    Nothing is computed: the operations run on tensors of the device "meta", which have shapes and no values.
    An objective whose operations depend on values is computed for the `few` examples, and for half of them.

    Args:
        make: builds what a step minimises, on the device that torch has as its default.
        few: two examples or more, each with a context of its own.
        n: how many examples a step takes.
        trained: whether there are gradients; else the bytes are those of an evaluation.
    """
    with torch.random.fork_rng(devices=[]):
        try:
            with torch.device("meta"):
                objective = make()
            return peak(objective, resized(few, n, "meta"), trained=trained)
        except (RuntimeError, TypeError, ValueError):
            objective, kept = make(), len(few.x)
            half, whole = (
                peak(objective, resized(few, k, "cpu"), trained=trained) for k in (kept // 2, kept)
            )
            return whole + (whole - half) * (n - kept) // (kept - kept // 2)


def peak(objective: Trainable, batch: Batch, *, trained: bool) -> int:
    """The most bytes that a step on `batch` holds at a time, computed with copies of the weights."""
    weights = {**dict(objective.named_parameters()), **dict(objective.named_buffers())}
    copies = {name: value.detach().to(batch.x.device, copy=True) for name, value in weights.items()}
    for name, value in weights.items():
        copies[name].requires_grad_(value.requires_grad)
    was = objective.training
    objective.train(trained)
    try:
        with torch.set_grad_enabled(trained), Allocations() as found:
            costs = functional_call(objective, copies, (batch,))
            if trained:
                costs.total.backward()
    finally:
        objective.train(was)
    return found.peak


def resized(few: Batch, n: int, device: str) -> Batch:
    """The first `n` of a `few` examples; on the device "meta" as many like them."""

    def first(value: Tensor | None) -> Any:
        if value is None or device != "meta":
            return None if value is None else value[:n]
        return value.new_empty((n, *value.shape[1:]), device=device)

    context = {name: first(value) for name, value in few.context.items()}
    return Batch(first(few.x), first(few.mask), context, first(few.given))
