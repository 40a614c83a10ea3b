"""Sequences of one or several channels, as arrays `(n, time[, channels])`; asked for by name.

Sequences of different length are padded with NaN to that of the longest. What lies behind the end of one is
neither input nor error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.errors import InputError, few, show
from narrows.core.records import Batch, Context, masked
from narrows.data.columns import Array, Column
from narrows.data.kinds.column_scales import bent, scale_columns, unbent, zeros_and_ones
from narrows.data.kinds.statistics import COUNTS, heavy_tails, is_binary, is_counts
from narrows.data.recordings.recording import TimeAxis, numbered_channels
from narrows.data.recordings.time_units import Durations, durations
from narrows.data.scaling import Choice, Scaling
from narrows.data.schema import Schema
from narrows.data.tensors import is_nan, tensor


@dataclass(frozen=True)
class SequenceSchema(Schema):
    """Sequences: `(channels, time)` in the model's layout; an offset and a scale for each channel.

    A channel is scaled as a whole, not each of its time steps, so that its course is kept.

    Attributes:
        channels: their names; empty if they have none.
        time: what a time step is.
    """

    kind: ClassVar[str] = "sequences"
    noun: ClassVar[str] = "sequence"
    smaller: ClassVar[str] = "shorter windows (--window)"
    array_axes: ClassVar[str] = "(examples, time[, channels])"
    may_miss: ClassVar[bool] = True
    spatial: ClassVar[int] = 1
    over_time: ClassVar[bool] = True

    channels: tuple[str, ...] = ()
    time: TimeAxis = field(default_factory=TimeAxis)

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: str, columns: Sequence[str | Column] = ()) -> Self:
        """The schema of sequences; `columns` name the channels, or the time steps of a single one."""
        names = tuple(c.name if isinstance(c, Column) else c for c in columns)
        channels = shape[1] if len(shape) == 2 else 1
        return cls(dtype, shape, cls.axes_of(shape), channels=names if len(names) == channels else ())

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        # Runs of earlier versions have neither names of channels nor an axis of time.
        channels, time = tuple(record.get("channels", ())), TimeAxis(**record.get("time", {}))
        return super().from_json({**record, "channels": channels, "time": time})

    def check_itself(self) -> None:
        super().check_itself()
        if len(self.channels) not in (0, self.model_shape[0]):
            raise InputError(f"{len(self.channels)} names of channels do not match the shape {self.shape}.")

    @property
    def channel_names(self) -> tuple[str, ...]:
        """A name for each channel: its own, or its number."""
        return self.channels or numbered_channels(self.model_shape[0])

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        if len(shape) not in (1, 2):
            raise InputError(
                f"Sequences have the axes time and perhaps channels, but one example here has shape "
                f"{show(shape)}."
            )
        return "TC"[: len(shape)]

    def to_model(self, values: Tensor) -> Tensor:
        return values[:, None] if self.axes == "T" else values.transpose(1, 2)

    def from_model(self, values: Tensor) -> Tensor:
        return values[:, 0] if self.axes == "T" else values.transpose(1, 2)

    @property
    def durations(self) -> Durations:
        """How times within a sequence are written."""
        return durations(self.time, self.shape[0])

    @property
    def extent(self) -> str:
        channels = self.model_shape[0]
        return f"{self.durations.long(self.shape[0])} and {channels} channel{'s' * (channels > 1)}"

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

    def collate(self, x: Tensor, *, complete: bool) -> Batch:
        """As for other kinds; where a sequence may end early, `context["lengths"] (n,)` says where."""
        batch = masked(x, complete=complete)
        return batch if batch.mask is None else replace(batch, context={"lengths": ends(batch.mask)})

    def ended(self, values: Tensor, context: Context) -> Tensor:
        """NaN behind the end of each sequence."""
        if "lengths" not in context or not values.is_floating_point():
            return values
        behind = torch.arange(self.shape[0]) >= context["lengths"][:, None]
        return values.masked_fill(behind if self.axes == "T" else behind[..., None], torch.nan)

    @property
    def may_end_early(self) -> bool:
        return self.shape[0] > 1 and np.dtype(self.dtype).kind == "f"

    def extended(self, values: Tensor) -> Tensor:
        missing = self.shape[0] - values.shape[1]
        behind = values.new_full((values.shape[0], missing, *self.shape[1:]), torch.nan)
        return torch.cat([values, behind], dim=1)

    def missing(self, values: Array) -> tuple[NDArray[np.bool_], int]:
        """As for other kinds; what lies behind the end of a sequence is not missing."""
        nan = is_nan(values)
        before = np.arange(values.shape[2]) < ends(tensor(~nan)).numpy()[:, None, None]
        return nan & before, values.shape[1] * int(before.sum())

    def check_training(self, values: Array, name: str) -> None:
        """Refuse channels without values, and data of which every channel is constant.

        Raises:
            InputError: with the channel.
        """
        low, high = np.fmin.reduce(values, axis=(0, 2)), np.fmax.reduce(values, axis=(0, 2))
        for channel, end in zip(self.channel_names, low, strict=True):
            if np.isnan(end):
                raise InputError(f"{channel!r} has no value in the training part of {name}; leave it out.")
        if (low == high).all():
            raise InputError(f"All values of {name} are {low[0]:g}: there is nothing to learn.")

    def scaling_for(self, values: Array) -> Choice:
        """An offset and a scale for each channel."""
        x = np.moveaxis(values, 1, -1).reshape(-1, values.shape[1]).astype(np.float64)
        name, scaling, why = self._scaled(x)
        return Choice(scaling.shaped(-1, 1), name, (why,))

    def _scaled(self, x: NDArray[np.float64]) -> tuple[str, Scaling, str]:
        """The scaling of `x (steps, channels)`, its name and the reason for it."""
        if is_binary(x):
            return (
                "none",
                zeros_and_ones(x, self.dtype),
                "All values are 0 or 1: left as they are, Bernoulli loss.",
            )
        if is_counts(x):
            scaling = scale_columns("counts", x, unbent(x), self.dtype, from_zero=True)
            why = f"The values are {COUNTS}: each channel is divided by its standard deviation, Poisson loss."
            return "spread", scaling, why
        heavy = heavy_tails(x)
        scaling = scale_columns("real", x, bent(x, heavy), self.dtype)
        return "standard", scaling, self._standardised(heavy)

    def _standardised(self, heavy: NDArray[np.bool_]) -> str:
        """The sentence about channels of real numbers; `heavy` says which have a heavy tail."""
        why = (
            "Each channel is standardised to mean 0 and standard deviation 1, with one offset and one scale "
            "for all its time steps, squared loss."
        )
        if not heavy.any():
            return why
        named = few([self.channel_names[i] for i in np.flatnonzero(heavy)])
        return f"{why} Heavy tails in {named}: transformed by arsinh; outputs are transformed back."


def ends(observed: Tensor) -> Tensor:
    """Where sequences end: 1 + their last time step with an observed value, at least 1, `(n,)`.

    Args:
        observed: `(n, channels, time)`, true where a value was observed.

    >>> ends(torch.tensor([[[True, False, True, False]], [[False] * 4]])).tolist()
    [3, 1]
    """
    steps = torch.arange(1, observed.shape[2] + 1, device=observed.device)
    return (observed.any(dim=1) * steps).amax(dim=1).clamp(min=1)
