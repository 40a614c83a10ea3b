"""How a fitted model is evaluated: without gradients, in the precision of the values, batch by batch."""

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
    """Anything with numbers of one type."""

    @property
    def dtype(self) -> np.dtype[Any]: ...


def gathered(parts: Iterable[Array], n: int) -> Array:
    """`parts`, one after the other, as one array of `n` rows.

    Each is copied at once: many small arrays kept among large ones that go would hold up the memory.
    """
    whole, filled = np.empty(0), 0
    for part in parts:
        if not filled:
            whole = np.empty((n, *part.shape[1:]), part.dtype)
        whole[filled : filled + len(part)] = part
        filled += len(part)
    return whole


def precise(values: Typed) -> str:
    """The type to compute in: that of real numbers of 64 bits, else 32."""
    return "float64" if values.dtype.kind == "f" and values.dtype.itemsize >= 8 else "float32"


@contextmanager
def inference(model: Model, dtype: str = "float32") -> Iterator[Model]:
    """The model to evaluate without gradients, in numbers of `dtype`; the given one stays as it was."""
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield copy.deepcopy(model).double() if dtype == "float64" else model
    finally:
        model.train(training)
