"""From values as they came to the model's scale and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.data.columns import Array

Nature = Literal["binary", "grey", "bounded", "counts", "real", "mixed"]

LOSSES_FOR: dict[Nature, dict[str, dict[str, Any]]] = {
    "binary": {"error": {"name": "bernoulli"}, "likelihood": {"name": "bernoulli"}},
    "grey": {"error": {"name": "bernoulli"}, "likelihood": {"name": "bernoulli"}},
    "bounded": {
        "error": {"name": "squared", "link": "sigmoid"},
        "likelihood": {"name": "gaussian", "link": "sigmoid"},
    },
    "counts": {"error": {"name": "poisson"}, "likelihood": {"name": "poisson"}},
    "real": {"error": {"name": "squared"}, "likelihood": {"name": "gaussian"}},
    "mixed": {"error": {"name": "mixed"}, "likelihood": {"name": "mixed", "numbers": "gaussian"}},
}
"""The loss for each nature of values: a reconstruction loss, or a negative log-likelihood beside a KL."""

NAMES = ("offset", "scale", "centre", "spread", "floor", "ceiling")


def arsinh(x: Tensor) -> Tensor:
    """log(x + √(x² + 1)), written out because the runtimes of exported graphs lack it for doubles."""
    size = x.abs()
    near = size.clamp(max=1e9)  # whose square every type holds
    found = torch.log1p(near + near**2 / (1 + torch.sqrt(near**2 + 1)))
    return x.sign() * torch.where(size > near, math.log(2) + size.log(), found)


def sinh(x: Tensor) -> Tensor:
    """The way back from `arsinh`."""
    return (torch.exp(x) - torch.exp(-x)) / 2


class Scaling(nn.Module):
    """x ↦ (x - offset) / scale, after arsinh((x - centre) / spread) where tails are heavy.

    A scale of 0 marks a constant: a model is shown 0 for it (`known`), and it is itself again on the way
    back.

    Args:
        nature: what the values are, which decides the loss.
        offset: broadcasts over one example in the model's layout.
        scale: as offset.
        centre: as offset; where `spread` is 0 there is no arsinh.
        spread: as offset.
        floor: as offset; the least value of the training part, as it came. Outputs stay above it,
            so that what cannot be negative never is.
        ceiling: as floor; the greatest.
        low: least value of the training part, on the model's scale.
        high: greatest value likewise.
        dtype: of the values as they came.
        unit: what one squared unit of the model's scale counts in reports.
    """

    offset: Tensor
    scale: Tensor
    centre: Tensor
    spread: Tensor
    floor: Tensor
    ceiling: Tensor
    step: Tensor

    def __init__(
        self,
        nature: Nature,
        *,
        offset: Array,
        scale: Array,
        centre: Array,
        spread: Array,
        floor: Array,
        ceiling: Array,
        low: float,
        high: float,
        dtype: str,
        unit: float,
    ) -> None:
        super().__init__()
        self.nature: Nature = nature
        self.low, self.high, self.dtype, self.unit = low, high, dtype, unit
        self.precision = (
            torch.float32 if np.dtype(dtype).itemsize <= 2 or dtype == "float32" else torch.float64
        )
        arrays = (offset, scale, centre, spread, floor, ceiling)
        for name, value in zip(NAMES, arrays, strict=True):
            self.register_buffer(name, torch.as_tensor(value, dtype=self.precision), persistent=False)
        self.register_buffer("step", self.scale.where(self.scale > 0, 1.0), persistent=False)
        self.bent, self.shifted = bool(np.any(spread)), bool(np.any(offset))
        self.partial = bool(np.any(np.asarray(scale) == 0))

    def forward(self, x: Tensor) -> Tensor:
        """`x (batch, *shape)` as it came, in the model's layout, to the model's scale, in `precision`."""
        x = x.to(self.precision)
        if self.bent:
            bent = arsinh((x - self.centre) / self.spread.where(self.spread > 0, 1.0))
            x = torch.where(self.spread > 0, bent, x)
        if self.shifted:
            x = x - self.offset
        return x / self.step

    def known(self, x: Tensor) -> Tensor:
        """`x` on the model's scale, with 0 for what was constant: nothing was learned of how it varies."""
        return torch.where(self.scale > 0, x, 0.0) if self.partial else x

    def inverse(self, x: Tensor) -> Tensor:
        """The way back, still real numbers."""
        x = x.to(self.precision) * self.scale + self.offset
        if self.bent:
            x = torch.where(self.spread > 0, sinh(x) * self.spread + self.centre, x)
        return x

    def restore(self, x: Tensor, dtype: str | None = None) -> Tensor:
        """The way back, inside the range of the training part, in numbers of `dtype`.

        `dtype` is a numpy name; None takes the type of the values as they came.
        """
        return in_type(self.inverse(x).clamp(self.floor, self.ceiling), dtype or self.dtype)

    def to_json(self) -> dict[str, Any]:
        arrays = {name: getattr(self, name).tolist() for name in NAMES}
        plain = {name: getattr(self, name) for name in ("nature", "low", "high", "dtype", "unit")}
        return {**plain, **arrays}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Scaling:
        arrays = {name: np.asarray(record[name], dtype=np.float64) for name in NAMES}
        if record["nature"] not in LOSSES_FOR or np.dtype(record["dtype"]).kind not in "buif":
            raise InputError(f"No scaling is for {record['nature']!r} values of {record['dtype']!r}.")
        fine = [np.isfinite(array).all() for array in arrays.values()]
        if not all(fine) or (arrays["scale"] < 0).any() or (arrays["spread"] < 0).any():
            raise InputError("The scaling holds numbers that are not finite or below 0.")
        return cls(**{**record, **arrays})


def in_type(values: Tensor, dtype: str) -> Tensor:
    """Real numbers in a numpy type: rounded, and inside its range."""
    kind, wanted = np.dtype(dtype), getattr(torch, dtype)
    if kind.kind == "b":
        return values >= 0.5
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        # The largest of 64 bits rounds up to a float that is no such integer any more.
        top = np.nextafter(float(limits.max), 0) if kind.itemsize == 8 else float(limits.max)
        values = values.round().clamp(float(limits.min), float(top))
    return values.to(wanted)


@dataclass(frozen=True, slots=True)
class Choice:
    """A scaling, its one-word name, the sentences that say why, and the share of missing values."""

    scaling: Scaling
    name: str
    why: tuple[str, ...]
    missing: float = 0.0

    @property
    def losses(self) -> dict[str, dict[str, Any]]:
        return LOSSES_FOR[self.scaling.nature]
