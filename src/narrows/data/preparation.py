"""What is done to the signals of a scan before they are learned: cropped, masked, binned, and scaled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.calibration import Axes, Axis
from narrows.data.columns import Array
from narrows.data.scaling import LEAST

Counts = Literal["none", "log", "anscombe"]


@dataclass(frozen=True, slots=True)
class Preparation:
    """Steps in the order in which they are taken; as it stands, nothing is done.

    Attributes:
        crop: the range of a spectrum's axis to keep, in its unit, or in channels where it has none.
        mask: the radius in pixels of the detector around the centre that is set to 0.
        centre: of the mask, row and column; None finds the brightest spot of the mean pattern.
        bin: so many neighbours along each axis are added, of real numbers averaged.
        counts: "log" is log(1 + x); "anscombe" √(x + 3/8), which gives counts of any size the same noise.
    """

    crop: tuple[float, float] | None = None
    mask: float | None = None
    centre: tuple[float, float] | None = None
    bin: int = 1
    counts: Counts = "none"

    @property
    def idle(self) -> bool:
        """Whether nothing is done."""
        return self == Preparation()

    def check(self, signal: Axes, name: str) -> None:
        """Refuse steps that do not suit signals with these axes.

        Raises:
            InputError: with the step.
        """
        one = len(signal) == 1
        if self.crop is not None and not one:
            raise InputError(
                f"--crop keeps a range of spectra, but {name} is a scan of patterns; leave it out."
            )
        if self.mask is not None and (one or self.mask <= 0):
            raise InputError(
                f"--mask takes a radius above 0 around the centre of patterns, but {name} is a scan of "
                f"{'spectra' if one else 'patterns'} and the radius {self.mask:g}."
            )
        if not 1 <= self.bin <= min(axis.size for axis in self.cropped(signal)):
            raise InputError(f"--bin {self.bin} does not fit: {name} has signals of {sizes(signal)}.")
        if self.counts not in get_args(Counts):
            raise InputError(f"--counts is one of {', '.join(get_args(Counts))}, but got {self.counts!r}.")

    def cropped(self, signal: Axes) -> Axes:
        """The axes of the signal after the crop.

        Raises:
            InputError: for a range in which the axis has no two channels.
        """
        if self.crop is None:
            return signal
        return (signal[0].part(*channels(self.crop, signal[0])),)

    def axes(self, signal: Axes) -> Axes:
        """The axes of a signal after all steps."""
        return tuple(axis.every(self.bin) for axis in self.cropped(signal))

    def dtype(self, came: np.dtype[Any]) -> np.dtype[Any]:
        """The type of prepared values: sums of whole numbers have more bits."""
        if self.counts != "none":
            return np.dtype(np.float32)
        if self.bin == 1 or came.kind == "f":
            return came
        return np.dtype(np.uint32 if came.kind in "bu" else np.int64)

    def __call__(self, values: Array, signal: Axes) -> Array:
        """Prepared signals of `values (n, *signal)`.

        Raises:
            InputError: for negative values where counts are wanted.
        """
        if self.crop is not None:
            values = values[:, slice(*channels(self.crop, signal[0]))]
        if self.mask is not None:
            values = np.where(self.hidden(values.shape[1:]), values.dtype.type(0), values)
        return scaled(binned(values, self.bin, self.dtype(values.dtype)), self.counts)

    def hidden(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """The pixels `(rows, columns)` of patterns of `shape` that are set to 0."""
        assert self.mask is not None
        assert self.centre is not None
        rows, columns = np.ogrid[: shape[0], : shape[1]]
        far = (rows - self.centre[0]) ** 2 + (columns - self.centre[1]) ** 2
        return np.asarray(far <= self.mask**2)

    @property
    def sentence(self) -> str:
        """What is done, in words; nothing where that is nothing."""
        steps = [
            self.crop and f"channels from {self.crop[0]:g} to {self.crop[1]:g} are kept",
            self.mask and self.centre and f"pixels within {self.mask:g} of {place(self.centre)} are set to 0",
            self.bin > 1 and f"{self.bin} neighbours along each axis are put together",
            self.counts == "log" and "log(1 + x) is taken",
            self.counts == "anscombe" and "√(x + 3/8) is taken",
        ]
        return f"Prepared: {'; '.join(step for step in steps if step)}." if any(steps) else ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        pairs = {name: record[name] and tuple(record[name]) for name in ("crop", "centre")}
        return cls(**{**record, **pairs})


AS_IT_CAME = Preparation()
"""Nothing is done."""


def place(centre: tuple[float, float]) -> str:
    return f"row {centre[0]:.1f}, column {centre[1]:.1f}"


def sizes(signal: Axes) -> str:
    return " x ".join(f"{axis.size:,}" for axis in signal)


def channels(crop: tuple[float, float], axis: Axis) -> tuple[int, int]:
    """The first channel of a range and that behind its last one.

    Raises:
        InputError: for a range in which the axis has no two channels.
    """
    places = sorted(axis.place_of(end) if axis.calibrated else end for end in crop)
    first, last = max(0, int(np.ceil(places[0]))), min(axis.size, int(np.floor(places[1])) + 1)
    if last - first < 2:
        ends = axis.values if axis.calibrated else np.array([0, axis.size - 1])
        raise InputError(
            f"--crop {crop[0]:g}:{crop[1]:g} leaves no two channels: the axis {axis.letter} goes from "
            f"{ends[0]:g} to {ends[-1]:g} {axis.unit or 'channels'}."
        )
    return first, last


def binned(values: Array, step: int, dtype: np.dtype[Any]) -> Array:
    """`values (n, *signal)` with so many neighbours along each axis of the signal put together.

    A rest at the end of an axis is left out. Whole numbers are added, real ones averaged.
    """
    if step == 1:
        return values
    kept = values[:, *(slice(0, size // step * step) for size in values.shape[1:])]
    parts = [part for size in kept.shape[1:] for part in (size // step, step)]
    inner = tuple(range(2, 1 + len(parts), 2))
    split = kept.reshape(len(kept), *parts)
    if values.dtype.kind == "f":
        return np.asarray(np.nanmean(split, axis=inner) if np.isnan(split).any() else split.mean(axis=inner))
    return np.asarray(split.sum(axis=inner, dtype=dtype if dtype.kind != "f" else np.int64))


def scaled(values: Array, counts: Counts) -> Array:
    """`values` after the function for counts.

    Raises:
        InputError: for negative values.
    """
    if counts == "none":
        return values
    x = values.astype(np.float32)
    if np.nanmin(x, initial=0.0) < 0:
        raise InputError(f"--counts {counts} is for counts, but some values are negative; leave it out.")
    return np.asarray(np.log1p(x) if counts == "log" else np.sqrt(x + np.float32(LEAST)))


def brightest(mean: Array) -> tuple[float, float]:
    """The centre of the brightest spot of a mean pattern `(rows, columns)`.

    It is the centre of mass of the pixels around the maximum that are above half of it.
    """
    from scipy.ndimage import center_of_mass, label

    bright = np.nan_to_num(mean.astype(np.float64))
    spots, _ = label(bright >= bright.max() / 2)
    spot = spots == spots.flat[bright.argmax()]
    row, column = center_of_mass(np.where(spot, bright, 0.0))
    return float(row), float(column)
