"""Spectra: one signal over an axis of energy, or of another quantity, as arrays `(n, channels)`; asked for.

All channels share a unit, and their order is that of the axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.errors import InputError, show
from narrows.data.calibration import Axis
from narrows.data.columns import Array, Column
from narrows.data.kinds.column_scales import bent, dominant_row, scale_columns, unbent, zeros_and_ones
from narrows.data.kinds.statistics import COUNTS, heavy_tails, is_binary, is_counts
from narrows.data.scaling import Choice, Scaling
from narrows.data.schema import Schema

ROOTED = (
    "the square root of x + 3/8 is taken first (Anscombe's: counts of any size get the same noise), then all "
    "are divided by one scale, squared loss; outputs are transformed back."
)


@dataclass(frozen=True)
class SpectrumSchema(Schema):
    """Spectra: `(1, channels)` in the model's layout; an offset for each channel, and one scale for all.

    Attributes:
        axis: what the channels are places of; None if nothing is known of it.
    """

    kind: ClassVar[str] = "spectra"
    noun: ClassVar[str] = "spectrum"
    nouns: ClassVar[str] = "spectra"
    value_noun: ClassVar[str] = "channel"
    array_axes: ClassVar[str] = "(examples, channels)"
    may_miss: ClassVar[bool] = True
    spatial: ClassVar[int] = 1
    of_counts: ClassVar[tuple[str, ...]] = ("NMF",)

    axis: Axis | None = None

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        if len(shape) != 1:
            raise InputError(f"A spectrum has one axis, but one example here has shape {show(shape)}.")
        return "E"

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: str, columns: Sequence[str | Column] = ()) -> Self:
        return cls(dtype, shape, cls.axes_of(shape))

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        axis = record["axis"]
        return super().from_json({**record, "axis": None if axis is None else Axis.from_json(axis)})

    def check_itself(self) -> None:
        super().check_itself()
        if self.axis is not None and self.axis.size != self.shape[0]:
            raise InputError(f"An axis of {self.axis.size} places does not match the shape {self.shape}.")

    def to_model(self, values: Tensor) -> Tensor:
        return values[:, None]

    def from_model(self, values: Tensor) -> Tensor:
        return values[:, 0]

    @property
    def value_names(self) -> tuple[str, ...]:
        """The value of the axis at each channel with its unit, or the number of the channel."""
        if self.axis is None or not self.axis.calibrated:
            return tuple(f"channel {i}" for i in range(self.shape[0]))
        return tuple(f"{value:.5g} {self.axis.unit}" for value in self.axis.values)

    @property
    def extent(self) -> str:
        if self.axis is None or not self.axis.calibrated:
            return f"{self.shape[0]:,} channels"
        return f"{self.shape[0]:,} channels, {self.value_names[0]} to {self.value_names[-1]}"

    def network(self) -> dict[str, Any]:
        """Dilated convolutions, which begin at the principal components."""
        return {"name": "tcn"}

    def by_part(self, amounts: Array) -> Array:
        return amounts.reshape(len(amounts), *self.shape)

    def scaling_for(self, values: Array) -> Choice:
        """An offset for each channel, and one scale for all, because they share a unit."""
        x = values[:, 0].astype(np.float64)
        name, scaling, why = self._scaled(x)
        return Choice(scaling.shaped(1, -1), name, (why,))

    def _scaled(self, x: NDArray[np.float64]) -> tuple[str, Scaling, str]:
        """The scaling of `x (n, channels)`, its name and the reason for it."""
        if is_binary(x):
            return (
                "none",
                zeros_and_ones(x, self.dtype),
                "All values are 0 or 1: left as they are, Bernoulli loss.",
            )
        if is_counts(x):
            rooted = dominant_row(x) > 0
            columns = unbent(x, rooted=rooted)
            scaling = scale_columns("real", x, columns, self.dtype, shared=True, from_zero=not rooted)
            why = f"The values are {COUNTS}"
            if rooted:
                return "anscombe", scaling, f"{why}, of which one row holds much of the variance: {ROOTED}"
            return "common", scaling, f"{why}: all are divided by one scale, squared loss."
        if not heavy_tails(x).any():
            scaling = scale_columns("real", x, unbent(x), self.dtype, shared=True)
            return "common", scaling, "All channels are divided by one scale, squared loss."
        columns = bent(x, np.nanstd(x, axis=0) > 0, shared=True)
        scaling = scale_columns("real", x, columns, self.dtype, shared=True)
        why = "Heavy tails: all channels are transformed by arsinh and divided by one scale, squared loss"
        return "common", scaling, f"{why}; outputs are transformed back."
