"""The range within which the outputs of a model stay.

What is made of a given image, sequence or spectrum is not cut: a brighter one gives a brighter output, and
only the type of the data has ends. A cell of a table, or a feature of a node, stays in the range of the
training part and of what was given, so that a quantity that is never negative stays so. What is decoded from
codes alone stays in the range of the training part, so that sums of codes give no impossible values.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.data.scaling import Scaling


class Limits(NamedTuple):
    """The least and the greatest value of outputs, not scaled; they broadcast over a batch of examples."""

    low: Tensor
    high: Tensor


def whole_type(dtype: str, precision: torch.dtype) -> Limits:
    """The ends of a numpy type, for all values."""
    return Limits(*(torch.tensor(end, dtype=precision) for end in type_range(dtype)))


def widened(scaling: Scaling, x: Tensor, *, together: bool = False) -> Limits:
    """The range of the training part, widened to that of the examples `x (n, *model_shape)`.

    Args:
        scaling: of the values; each value has a range of its own where the training part gave it one.
        x: on the model's scale; missing values are NaN, and widen nothing.
        together: widen to the values of all examples, not to those of each.
    """
    axes = (1,) * (x.ndim - 1 - scaling.floor.ndim) + tuple(scaling.floor.shape)
    same = [axis for axis, size in enumerate(axes, 1) if size == 1] + [0] * together
    least, most = (x.nan_to_num(nan=end) for end in (torch.inf, -torch.inf))
    if same:
        least, most = least.amin(same, keepdim=True), most.amax(same, keepdim=True)
    low, high = (scaling.inverse(end) for end in (least, most))
    return Limits(torch.minimum(scaling.floor, low), torch.maximum(scaling.ceiling, high))


def type_range(dtype: str) -> tuple[float, float]:
    """The least and the greatest number of a numpy type.

    >>> type_range("uint8"), type_range("bool")
    ((0.0, 255.0), (0.0, 1.0))
    """
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return 0.0, 1.0
    info = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
    return float(info.min), float(info.max)
