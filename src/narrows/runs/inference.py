"""Evaluation of a fitted model: without gradients, in the precision of the values."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any, Protocol, cast

import numpy as np
import torch
from torch import Tensor

from narrows.core.records import Batch
from narrows.data.schema import Array
from narrows.model.build import Model


class Typed(Protocol):
    """An object with a numpy dtype."""

    @property
    def dtype(self) -> np.dtype[Any]: ...


def gathered(parts: Iterable[Array], n: int) -> Array:
    """The concatenation of `parts`, which have `n` rows together.

    Each part is copied when it is computed, because many small arrays would fragment the memory.
    """
    whole, filled = np.empty(0), 0
    for part in parts:
        if not filled:
            whole = np.empty((n, *part.shape[1:]), part.dtype)
        whole[filled : filled + len(part)] = part
        filled += len(part)
    return whole


def precise(values: Typed) -> str:
    """The dtype to compute in: float64 for values of float64, else float32."""
    return "float64" if values.dtype.kind == "f" and values.dtype.itemsize >= 8 else "float32"


CPU = torch.device("cpu")


class Placed:
    """A copy of a model on another device, whose methods take and give tensors of the CPU.

    Args:
        model: the model, which is not changed.
        device: where it computes.
    """

    def __init__(self, model: Model, device: torch.device) -> None:
        self._model, self._device = copy.deepcopy(model).to(device), device

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._model, name)
        if not inspect.ismethod(found):
            return found

        def computed(*given: Any, **named: Any) -> Any:
            there = {key: moved(each, self._device) for key, each in named.items()}
            return moved(found(*(moved(each, self._device) for each in given), **there), CPU)

        return computed

    def run(self, use: Callable[[Model, Batch], Tensor], batch: Batch) -> Tensor:
        """The result of `use(model, batch)`, both on the device."""
        return cast(Tensor, moved(use(self._model, moved(batch, self._device)), CPU))


def used(model: Model, use: Callable[[Model, Batch], Tensor], batch: Batch) -> Tensor:
    """The result of `use(model, batch)`, computed where the model is, on the CPU."""
    return model.run(use, batch) if isinstance(model, Placed) else use(model, batch)


def moved(thing: Any, device: torch.device) -> Any:
    """Tensors, also in mappings and in records such as `Batch`, on `device`; other things as they are."""
    if isinstance(thing, Tensor):
        return thing.to(device)
    if isinstance(thing, Mapping):
        return {key: moved(each, device) for key, each in thing.items()}
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{f.name: moved(getattr(thing, f.name), device) for f in fields(thing)})
    return thing


@contextmanager
def inference(model: Model, dtype: str = "float32", device: torch.device = CPU) -> Iterator[Model]:
    """The model in evaluation mode, without gradients, with weights of `dtype`; `model` is not changed.

    What computes on another `device` takes and gives tensors of the CPU.
    """
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            here = copy.deepcopy(model).double() if dtype == "float64" else model
            yield here if device == CPU else cast(Model, Placed(here, device))
    finally:
        model.train(training)
