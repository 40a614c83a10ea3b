"""Sequences of one or several channels, as arrays `(n, time[, channels])`; asked for by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.errors import InputError, show
from narrows.data.columns import Array
from narrows.data.kinds.column_scales import bent, scale_columns, unbent
from narrows.data.kinds.statistics import COUNTS, heavy_tails, is_binary, is_counts
from narrows.data.scaling import NAMES, Choice, Scaling
from narrows.data.schema import Schema


@dataclass(frozen=True)
class SequenceSchema(Schema):
    """Sequences: `(channels, time)` in the model's layout; an offset and a scale for each channel.

    A channel is scaled as a whole, not each of its time steps, so that its course is kept.
    """

    kind: ClassVar[str] = "sequences"
    noun: ClassVar[str] = "sequence"
    array_axes: ClassVar[str] = "(examples, time[, channels])"
    spatial: ClassVar[int] = 1

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        if len(shape) not in (1, 2):
            raise InputError(
                f"Sequences have the axes time and perhaps channels, but one example here has shape "
                f"{show(shape)}."
            )
        return "TC"[: len(shape)]

    def to_model(self, values: Tensor) -> Tensor:
        return values[:, None] if self.axes == "T" else values.movedim(-1, 1)

    def from_model(self, values: Tensor) -> Tensor:
        return values[:, 0] if self.axes == "T" else values.movedim(1, -1)

    @property
    def axis_names(self) -> str:
        return " (time)" if self.axes == "T" else " (time x channels)"

    def network(self) -> dict[str, Any]:
        """Dilated convolutions, whose error was lower than that of dense and of recurrent layers."""
        return {"name": "tcn"}

    def by_part(self, amounts: Array) -> Array:
        """Amounts of values, `(n, *shape)`: nothing is summed, because a channel is of interest by itself."""
        shaped = amounts.reshape(len(amounts), *self.model_shape)
        return shaped[:, 0] if self.axes == "T" else np.moveaxis(shaped, 1, -1)

    def scaling_for(self, values: Array) -> Choice:
        """An offset and a scale for each channel."""
        x = np.moveaxis(values, 1, -1).reshape(-1, values.shape[1]).astype(np.float64)
        name, scaling, why = self._scaled(x)
        return Choice(along_time(scaling), name, (why,))

    def _scaled(self, x: NDArray[np.float64]) -> tuple[str, Scaling, str]:
        """The scaling of `x (steps, channels)`, its name and the reason for it."""
        if is_binary(x):
            unscaled = np.ones(x.shape[1], dtype=np.bool_)
            scaling = scale_columns("binary", x, unbent(x), self.dtype, unscaled=unscaled)
            return "none", scaling, "All values are 0 or 1: left as they are, Bernoulli loss."
        if is_counts(x):
            scaling = scale_columns("counts", x, unbent(x), self.dtype, from_zero=True)
            why = f"The values are {COUNTS}: each channel is divided by its standard deviation, Poisson loss."
            return "spread", scaling, why
        heavy = heavy_tails(x)
        scaling = scale_columns("real", x, bent(x, heavy), self.dtype)
        return "standard", scaling, standardised(heavy)


def standardised(heavy: NDArray[np.bool_]) -> str:
    """The sentence about channels of real numbers; `heavy` says which have a heavy tail."""
    why = (
        "Each channel is standardised to mean 0 and standard deviation 1, with one offset and one scale for "
        "all its time steps, squared loss."
    )
    if not heavy.any():
        return why
    numbers = ", ".join(map(str, np.flatnonzero(heavy)[:5]))
    return f"{why} Heavy tails in channel {numbers}: transformed by arsinh; outputs are transformed back."


def along_time(scaling: Scaling) -> Scaling:
    """A scaling of channels, `(channels,)`, for examples `(channels, time)`."""
    arrays = {name: getattr(scaling, name).numpy()[:, None] for name in NAMES}
    plain = {name: getattr(scaling, name) for name in ("low", "high", "dtype", "unit", "rooted")}
    return Scaling(scaling.nature, **arrays, **plain)
