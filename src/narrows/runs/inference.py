"""Evaluation of a fitted model: without gradients, in the precision of the values."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch

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


@contextmanager
def inference(model: Model, dtype: str = "float32") -> Iterator[Model]:
    """The model in evaluation mode, without gradients, with weights of `dtype`; `model` is not changed."""
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield copy.deepcopy(model).double() if dtype == "float64" else model
    finally:
        model.train(training)
