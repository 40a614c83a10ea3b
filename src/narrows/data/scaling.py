"""The transformation of values to the model's scale, and its inverse."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Grid, Intensity
from narrows.data.columns import Array

Nature = Literal["binary", "grey", "bounded", "counts", "real", "mixed"]

LOSSES_FOR: dict[Nature, dict[str, dict[str, Any]]] = {
    "binary": {
        "error": {"name": "bernoulli"},
        "likelihood": {"name": "bernoulli"},
        "exact": {"name": "discretised-logistic", "components": 1},
    },
    "grey": {
        "error": {"name": "bernoulli"},
        "likelihood": {"name": "bernoulli"},
        "exact": {"name": "discretised-logistic"},
    },
    "bounded": {
        "error": {"name": "squared", "link": "sigmoid"},
        "likelihood": {"name": "gaussian", "link": "sigmoid"},
        "exact": {"name": "discretised-logistic"},
    },
    "counts": {
        "error": {"name": "poisson"},
        "likelihood": {"name": "poisson"},
        "exact": {"name": "discretised-logistic"},
    },
    "real": {
        "error": {"name": "squared"},
        "likelihood": {"name": "gaussian"},
        "exact": {"name": "gaussian", "variance": "predicted"},
    },
    "mixed": {
        "error": {"name": "mixed"},
        "likelihood": {"name": "mixed", "numbers": "gaussian"},
        "exact": {"name": "mixed", "numbers": "gaussian"},
    },
}
"""The losses for each nature of values: "likelihood" beside a KL divergence, "exact" for compression without
loss, else "error"."""

NAMES = ("offset", "scale", "centre", "spread", "floor", "ceiling")
"""The arrays of a scaling: its buffers, and their keys in JSON."""


def arsinh(x: Tensor) -> Tensor:
    """log(x + √(x² + 1)) from elementary functions: ONNX runtimes have no asinh of float64."""
    size = x.abs()
    small = size.clamp(max=1e9)  # its square is finite in float32
    result = torch.log1p(small + small**2 / (1 + torch.sqrt(small**2 + 1)))
    return x.sign() * torch.where(size > small, math.log(2) + size.log(), result)


def sinh(x: Tensor) -> Tensor:
    """(exp(x) - exp(-x)) / 2, the inverse of `arsinh`."""
    return (torch.exp(x) - torch.exp(-x)) / 2


LEAST = 0.375
"""What is added to a count before its square root is taken (Anscombe 1948)."""


def root(x: Tensor) -> Tensor:
    """√(x + 3/8), whose variance is about ¼ for a Poisson count x of any mean; odd below -3/8.

    Anscombe 1948, "The transformation of Poisson, binomial and negative-binomial data", Biometrika 35.
    """
    shifted = x + LEAST
    return shifted.sign() * shifted.abs().sqrt()


def unroot(x: Tensor) -> Tensor:
    """The inverse of `root`."""
    return x * x.abs() - LEAST


class Scaling(nn.Module):
    """x ↦ (x - offset) / scale, after arsinh((x - centre) / spread) where tails are heavy.

    If `rooted`, the square root √(x + 3/8) comes first.

    A scale of 0 marks a constant, which is divided by the scale that the others share, or by 1. The model's
    input is 0 there (`without_constants`), and the inverse gives the constant.
    The arrays have a shape that broadcasts over one example in the model's layout.

    Args:
        nature: of the values; it decides the loss.
        offset: what is subtracted, in the unit of the data, or of the arsinh where that is used.
        scale: what the difference is divided by.
        centre: the median that is subtracted before arsinh.
        spread: the unit of arsinh, an interquartile range; 0 where arsinh is not used.
        floor: the smallest value of the training part, not scaled.
        ceiling: the largest value of the training part, not scaled.
        low: the smallest value of the training part on the model's scale.
        high: the largest value of the training part on the model's scale.
        dtype: of the values as they came, a numpy name.
        unit: the factor of squared errors on the model's scale in reports.
        rooted: whether √(x + 3/8) is taken first, which gives counts of any mean the same variance.
        mean: of the training part, not scaled, where all values share one scale.
        regular: the grid that the training part lies on, not scaled, if it lies on one.
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
        rooted: bool = False,
        mean: float | None = None,
        regular: Grid | None = None,
    ) -> None:
        super().__init__()
        self.nature: Nature = nature
        self.low, self.high, self.dtype, self.unit, self.rooted = low, high, dtype, unit, rooted
        self.mean, self.regular = mean, regular
        self.precision = (
            torch.float32 if np.dtype(dtype).itemsize <= 2 or dtype == "float32" else torch.float64
        )
        arrays = (offset, scale, centre, spread, floor, ceiling)
        for name, value in zip(NAMES, arrays, strict=True):
            self.register_buffer(name, torch.as_tensor(value, dtype=self.precision), persistent=False)
        usual = float(self.scale.max()) if self.shared else 1.0
        self.register_buffer("step", self.scale.where(self.scale > 0, usual), persistent=False)
        self.has_arsinh, self.has_offset = bool(np.any(spread)), bool(np.any(offset))
        self.has_constants = bool(np.any(np.asarray(scale) == 0))

    def forward(self, x: Tensor) -> Tensor:
        """`x (batch, *shape)` in the model's layout on the model's scale, in `precision`."""
        x = x.to(self.precision)
        if self.rooted:
            x = root(x)
        if self.has_arsinh:
            after = arsinh((x - self.centre) / self.spread.where(self.spread > 0, 1.0))
            x = torch.where(self.spread > 0, after, x)
        if self.has_offset:
            x = x - self.offset
        return x / self.step

    @property
    def shared(self) -> bool:
        """Whether several values of an example are divided by the same scale."""
        used = self.scale[self.scale > 0]
        return used.numel() > 1 and bool((used == used[0]).all())

    @property
    def bent(self) -> Tensor:
        """Which values are transformed by arsinh or a square root, in the shape of the arrays."""
        return torch.ones_like(self.spread, dtype=torch.bool) if self.rooted else self.spread > 0

    @property
    def intensity(self) -> Intensity | None:
        """Where 0, 1 and the mean of the data lie on the model's scale; None without one common scale."""
        if self.mean is None or self.offset.numel() > 1 or self.has_arsinh or self.rooted:
            return None
        offset, unit = float(self.offset), 1 / float(self.step)
        return Intensity(-offset * unit, unit, (self.mean - offset) * unit)

    @property
    def grid(self) -> Grid | None:
        """The values that can occur on the model's scale, where they are few; see `Domain`."""
        if self.nature == "binary":
            return Grid(self.low, self.high - self.low or 1.0, 2)
        found, intensity = self.stored_grid, self.intensity
        if found is None or intensity is None:
            return None
        return Grid(intensity.zero + intensity.unit * found.low, intensity.unit * found.step, found.levels)

    @property
    def stored_grid(self) -> Grid | None:
        """The values that can occur, in the unit of the data."""
        if self.nature == "binary":
            low, high = float(self.floor.min()), float(self.ceiling.max())
            return Grid(low, high - low or 1.0, 2)
        return self.regular

    def without_constants(self, x: Tensor) -> Tensor:
        """`x` on the model's scale, with 0 for values that were constant in the training part."""
        return torch.where(self.scale > 0, x, 0.0) if self.has_constants else x

    def inverse(self, x: Tensor) -> Tensor:
        """The inverse of `forward`, as real numbers in `precision`."""
        return self.unbend(x.to(self.precision) * self.scale + self.offset)

    def unbend(self, x: Tensor) -> Tensor:
        """The inverse of the square root and of arsinh alone."""
        if self.has_arsinh:
            x = torch.where(self.spread > 0, sinh(x) * self.spread + self.centre, x)
        return unroot(x) if self.rooted else x

    def restore(
        self, x: Tensor, dtype: str | None = None, limits: tuple[Tensor, Tensor] | None = None
    ) -> Tensor:
        """The inverse of `forward`, clipped to `limits`, as `dtype`.

        `dtype` is a numpy name; None stands for the dtype of the values as they came. `limits`, as
        `narrows.data.limits` gives them, are the range of the training part if not given.
        """
        low, high = limits or (self.floor, self.ceiling)
        return in_type(self.inverse(x).clamp(low, high), dtype or self.dtype)

    def shaped(self, *shape: int) -> Scaling:
        """The same with arrays of another shape, as one scale for each channel of `(channels, time)`."""
        arrays = {name: getattr(self, name).numpy().reshape(shape) for name in NAMES}
        plain = ("low", "high", "dtype", "unit", "rooted", "mean", "regular")
        return Scaling(self.nature, **arrays, **{name: getattr(self, name) for name in plain})

    def to_json(self) -> dict[str, Any]:
        arrays = {name: getattr(self, name).tolist() for name in NAMES}
        plain = {name: getattr(self, name) for name in ("nature", "low", "high", "dtype", "unit")}
        rooted = {"rooted": True} if self.rooted else {}
        some = {name: getattr(self, name) for name in ("mean", "regular") if getattr(self, name) is not None}
        return {**plain, **arrays, **rooted, **some}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Scaling:
        arrays = {name: np.asarray(record[name], dtype=np.float64) for name in NAMES}
        if record["nature"] not in LOSSES_FOR or np.dtype(record["dtype"]).kind not in "buif":
            raise InputError(f"There is no scaling of {record['nature']!r} values of {record['dtype']!r}.")
        regular = Grid(*record["regular"]) if record.get("regular") else None
        numbers = (*arrays.values(), record.get("mean") or 0.0, regular or 0.0)
        finite = [np.isfinite(array).all() for array in numbers]
        if not all(finite) or (arrays["scale"] < 0).any() or (arrays["spread"] < 0).any():
            raise InputError("The scaling holds numbers that are not finite or below 0.")
        return cls(**{**record, **arrays, "regular": regular})


def one_scale(
    nature: Nature,
    offset: float,
    scale: float,
    span: tuple[float, float],
    dtype: str,
    unit: float,
    mean: float,
    regular: Grid | None = None,
) -> Scaling:
    """The same offset and scale for all values of an example.

    Args:
        nature: what the values are.
        offset: what is subtracted.
        scale: what is divided by after that; 0 for values that are all the same.
        span: the least and the greatest value of the training part.
        dtype: of the values as they came.
        unit: what one squared unit of the model's scale counts in reports.
        mean: of the training part.
        regular: the grid that they lie on, if they lie on one.
    """
    low, high = ((end - offset) / (scale or 1.0) for end in span)
    named = {"offset": offset, "scale": scale, "centre": 0.0, "spread": 0.0}
    ends = {"floor": span[0], "ceiling": span[1]}
    arrays = {name: np.asarray(value) for name, value in {**named, **ends}.items()}
    plain = {"dtype": dtype, "unit": unit, "mean": mean, "regular": regular}
    return Scaling(nature, **arrays, low=low, high=high, **plain)  # type: ignore[arg-type]


def in_type(values: Tensor, dtype: str) -> Tensor:
    """Real numbers as the numpy type `dtype`: rounded to integers and clipped to its range if it has one."""
    kind, wanted = np.dtype(dtype), getattr(torch, dtype)
    if kind.kind == "b":
        return values >= 0.5
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        # As a float64 the largest 64-bit integer rounds up to a value out of range.
        top = np.nextafter(float(limits.max), 0) if kind.itemsize == 8 else float(limits.max)
        values = values.round().clamp(float(limits.min), float(top))
    return values.to(wanted)


@dataclass(frozen=True, slots=True)
class Choice:
    """The scaling of a training part.

    Attributes:
        scaling: the transformation.
        name: of it, one word.
        why: the reasons, sentences.
        missing: the share of missing values, 0 to 1.
        loss: the name of the loss, if the nature of the values does not decide it.
        exact: the name of the loss for compression without loss, if the nature does not decide it.
    """

    scaling: Scaling
    name: str
    why: tuple[str, ...]
    missing: float = 0.0
    loss: str = ""
    exact: str = ""

    @property
    def losses(self) -> dict[str, dict[str, Any]]:
        """The entry of `LOSSES_FOR` for the values, or `loss` for all entries."""
        found = LOSSES_FOR[self.scaling.nature]
        exact = self.exact or ("discretised-logistic" if self.scaling.grid is not None else "")
        if exact and exact != found["exact"]["name"]:
            found = {**found, "exact": {"name": exact}}
        return {each: {"name": self.loss} for each in found} if self.loss else found
