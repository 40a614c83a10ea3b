"""Images of any height, width and number of channels, as arrays `(n, height, width[, channels])`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from torch import Tensor

from narrows.core.errors import InputError, show
from narrows.core.numbers import number
from narrows.data.columns import Array
from narrows.data.images.brightness import converted, convertible, factor, unlike
from narrows.data.kinds.statistics import COUNTS, HEAVY_TAIL, is_binary, is_counts, tail_length, widths
from narrows.data.limits import Limits
from narrows.data.regular_values import regular
from narrows.data.scaling import Choice, Nature, Scaling, in_type, one_scale
from narrows.data.schema import Schema

DENSE_VALUES = 1024
"""Images of at most this many values get dense layers by default."""


MOST_COLOURS = 4
"""A last axis of at most this length holds channels."""


@dataclass(frozen=True)
class ImageSchema(Schema):
    """Images: channels first in the model's layout; one offset and scale for all pixels."""

    kind: ClassVar[str] = "images"
    noun: ClassVar[str] = "image"
    smaller: ClassVar[str] = "smaller images (--resize) or patches of them (--patch 64)"
    value_noun: ClassVar[str] = "pixel"
    inferred_from: ClassVar[tuple[int, ...]] = (3, 4)
    array_axes: ClassVar[str] = "(examples, height, width[, channels])"
    spatial: ClassVar[int] = 2
    of_counts: ClassVar[tuple[str, ...]] = ("NMF",)

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        """Channels are the last axis if they are up to four, or if the other axes are equally long.

        They are the first axis if the others are equally long; in all other cases the shorter of the two.
        """
        if len(shape) == 2:
            return "HW"
        if len(shape) != 3:
            raise InputError(
                f"Images have the axes height, width and perhaps channels, but one example here has "
                f"shape {show(shape)}."
            )
        first, middle, last = shape
        if last <= MOST_COLOURS or first == middle:
            return "HWC"
        return "CHW" if middle == last or first < last else "HWC"

    @classmethod
    def possible_axes(cls, shape: tuple[int, ...]) -> tuple[str, ...]:
        return ("HW",) if len(shape) == 2 else ("HWC", "CHW")

    def to_model(self, values: Tensor) -> Tensor:
        if self.axes == "HW":
            return values[:, None]
        return values.permute(0, 3, 1, 2) if self.axes == "HWC" else values

    def from_model(self, values: Tensor) -> Tensor:
        if self.axes == "HW":
            return values[:, 0]
        return values.permute(0, 2, 3, 1) if self.axes == "HWC" else values

    @property
    def axis_names(self) -> str:
        names = {"H": "height", "W": "width", "C": "channels"}
        return f" ({' x '.join(names[axis] for axis in self.axes)})"

    @property
    def forms(self) -> tuple[str, ...]:
        return ("array", "stack", "folder")

    def network(self) -> dict[str, Any]:
        """Dense layers for small images, which they fit faster and better; convolutions for others."""
        small = self.size <= DENSE_VALUES
        return {"name": "mlp", "widths": widths(self.size)} if small else {"name": "conv"}

    def window_network(self) -> dict[str, Any]:
        """Convolutions with a linear path, which begins at PCA: patches show the same at any place.

        Without it, a pattern that repeats is the same on average at each pixel, and training stays there.
        """
        return {"name": "conv", "linear": True}

    def large(self, *, cut: bool) -> bool:
        return cut or self.size > DENSE_VALUES

    def by_part(self, amounts: Array) -> Array:
        return amounts.reshape(len(amounts), *self.model_shape).sum(axis=1)

    def check(self, values: Array) -> None:
        super().check(values)
        if not convertible(values.dtype, np.dtype(self.dtype)):
            raise InputError(unlike(values.dtype, np.dtype(self.dtype)))

    def other_unit(self, came: np.dtype[Any]) -> str:
        fitted = np.dtype(self.dtype)
        return "" if came == fitted or came.kind == fitted.kind == "f" else unlike(came, fitted)

    def as_fitted(self, values: Array, scaling: Scaling) -> Array:
        return converted(values, scaling)

    def restore_as(
        self, x: Tensor, scaling: Scaling, came: np.dtype[Any], limits: Limits | None = None
    ) -> Tensor:
        by = factor(came, scaling)
        if by == 1:
            return self.restore(x, scaling, limits=limits)
        return in_type(self.from_model(scaling.inverse(x)) / by, came.name)

    def scaling_for(self, values: Array) -> Choice:
        """One offset and scale for all pixels, so that their relative brightness is kept."""
        low, high = float(values.min()), float(values.max())
        if is_binary(values):
            both = f"{number(low)} and {number(high)}"
            why = f"The pixels take two values, {both}: scaled to 0 and 1, Bernoulli loss."
            return self._affine(values, "binary", low, high - low, "range", (low, high), why)
        if is_counts(values):
            why = f"The pixels are {COUNTS}: divided by their standard deviation, Poisson loss."
            return self._affine(values, "counts", 0, float(values.std()), "spread", (low, high), why)
        if low < high and tail_length(values)[0] > HEAVY_TAIL:
            return self._with_outliers(values, low, high)
        return self._in_range(values, low, high)

    def _with_outliers(self, values: Array, low: float, high: float) -> Choice:
        """The scaling of pixels of which a few are far larger than the others."""
        std = float(values.std())
        spread = f"divided by the standard deviation, {number(std)}, not by the range"
        why = f"Outliers (up to {number(high)}): {spread}."
        return self._affine(values, "real", float(values.mean()), std, "spread", (low, high), why)

    def _in_range(self, values: Array, low: float, high: float) -> Choice:
        """The scaling of the range of the pixels to [0, 1]."""
        bottom, top, why = limits(low, high, self.dtype)
        grey = values.shape[1] == 1
        loss = "one channel in [0, 1], Bernoulli loss" if grey else "colours in [0, 1], squared loss"
        nature: Nature = "grey" if grey else "bounded"
        return self._affine(values, nature, bottom, top - bottom, "range", (bottom, top), f"{why}: {loss}.")

    def _affine(
        self,
        values: Array,
        nature: Nature,
        offset: float,
        scale: float,
        name: str,
        span: tuple[float, float],
        why: str,
    ) -> Choice:
        """One offset and scale for all values; reports give errors on the scale where `span` is [0, 1]."""
        unit = ((scale or 1.0) / (span[1] - span[0] or 1.0)) ** 2
        mean = float(values.mean(dtype=np.float64))
        grid = regular(values)
        return Choice(one_scale(nature, offset, scale, span, self.dtype, unit, mean, grid), name, (why,))


def limits(low: float, high: float, dtype: str) -> tuple[float, float, str]:
    """The range that becomes [0, 1], and the reason."""
    if dtype == "uint8":
        return 0, 255, "8-bit pixels are divided by 255"
    if dtype.startswith("float") and low >= 0 and 0.5 < high <= 1:
        return 0, 1, "The pixels are already in [0, 1]"
    if low == high:
        return low, low, f"All pixels are {number(low)}, so there is nothing to learn"
    return low, high, f"The range of the training part, {number(low)} to {number(high)}, becomes 0 to 1"
