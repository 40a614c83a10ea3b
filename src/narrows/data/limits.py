"""The range within which the outputs of a model stay.

It is the range of the training part, so that noise and sums of codes give no impossible values. An end of it
is dropped for an example that lies beyond that end, if its output does so too, and further than the outputs
for corrupted training rows: what is restored of an image brighter than the training data is not cut. There
the range of the type is left.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.data.scaling import Scaling

BEYOND = 0.05
"""The share of the range by which values exceed an end that is dropped; less may be noise."""

OVERSHOOT = 1.5
"""How many times further than for training rows outputs must lie beyond an end that is dropped."""


class Limits(NamedTuple):
    """The least and the greatest value of outputs, not scaled; they broadcast over a batch of examples."""

    low: Tensor
    high: Tensor


class Beyond(NamedTuple):
    """How far values lie below and above the range of the training part, as shares of that range."""

    below: Tensor
    above: Tensor


def beyond(scaling: Scaling, x: Tensor, *, together: bool = False) -> Beyond:
    """How far `x (n, *model_shape)` on the model's scale lie beyond the range of the training part.

    The furthest value of each example counts, of a table each column for itself; of all examples `together`
    if asked for. Missing values are NaN, and lie nowhere.
    """
    axes = (1,) * (x.ndim - 1 - scaling.floor.ndim) + tuple(scaling.floor.shape)
    same = [axis for axis, size in enumerate(axes, 1) if size == 1] + [0] * together
    low, high = (scaling(end) for end in (scaling.floor, scaling.ceiling))
    span = (high - low).where(high > low, torch.inf)
    sides = [side.nan_to_num(0.0) for side in ((low - x) / span, (x - high) / span)]
    return Beyond(*(side.amax(same, keepdim=True) if same else side for side in sides))


def limits_for(scaling: Scaling, x: Beyond, y: Beyond, usual: Beyond | None) -> Limits:
    """The limits of outputs.

    Args:
        scaling: of the values.
        x: how far the examples lie beyond the range of the training part.
        y: how far their outputs do.
        usual: how far the outputs for corrupted training rows do, if that is known.
    """
    outside = [
        (given > BEYOND) & (made > BEYOND) & (made > (0.0 if known is None else OVERSHOOT * known))
        for given, made, known in zip(x, y, usual or (None, None), strict=True)
    ]
    ends = zip(outside, type_range(scaling.dtype), (scaling.floor, scaling.ceiling), strict=True)
    return Limits(*(torch.where(drop, widest, end) for drop, widest, end in ends))


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
