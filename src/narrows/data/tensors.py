"""Arrays as tensors, and their missing values."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.data.columns import Array


def is_nan(values: Array) -> NDArray[np.bool_]:
    """Where `values` of any real type are NaN."""
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, dtype=np.bool_)


def tensor(values: Array) -> Tensor:
    """An array as a tensor; they share memory if the array is writable, else it is copied."""
    forward = values if min(values.strides, default=0) >= 0 else np.ascontiguousarray(values)
    return torch.from_numpy(np.require(forward, requirements=["W"]))
