"""What the axes of an array are: letters, and their calibration in units of length, energy or time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isclose
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, show


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of an array as it came.

    The value at place i is `offset + i · scale`, in `unit`.

    Attributes:
        letter: "Y", "X", "Z" or "T" of images and scans, "C" channels, "Ky" and "Kx" of patterns, "E" of
            spectra, or any other.
        size: the number of places.
        scale: from one place to the next.
        offset: the value at the first place.
        unit: empty where the axis is not calibrated.
    """

    letter: str
    size: int
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""

    @property
    def values(self) -> NDArray[np.float64]:
        """The value at each place, `(size,)`."""
        return self.offset + self.scale * np.arange(self.size, dtype=np.float64)

    @property
    def calibrated(self) -> bool:
        """Whether a unit is known."""
        return bool(self.unit)

    @property
    def text(self) -> str:
        """The axis in words.

        >>> Axis("X", 512, 0.02, unit="nm").text, Axis("T", 30).text
        ('X 512 (0.02 nm)', 'T 30')
        """
        return f"{self.letter} {self.size:,}" + (f" ({self.scale:.4g} {self.unit})" if self.unit else "")

    def place_of(self, value: float) -> float:
        """The place, not rounded, of a `value` in `unit`."""
        return (value - self.offset) / self.scale

    def every(self, step: int) -> Axis:
        """The axis after `step` neighbours each were put together; a rest is left out."""
        middle = self.offset + self.scale * (step - 1) / 2
        return Axis(self.letter, self.size // step, self.scale * step, middle, self.unit)

    def part(self, first: int, last: int) -> Axis:
        """The places from `first` up to but without `last`."""
        return Axis(self.letter, last - first, self.scale, self.offset + first * self.scale, self.unit)

    def like(self, other: Axis) -> bool:
        """Whether both have the same letter, unit and scale, whatever their sizes."""
        return (self.letter, self.unit) == (other.letter, other.unit) and isclose(
            self.scale, other.scale, rel_tol=1e-6
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        return cls(**record)


Axes = tuple[Axis, ...]
"""Of an array, one for each of its axes."""


def letters_of(axes: Sequence[Axis]) -> str:
    """The letters of `axes` together.

    >>> letters_of([Axis("Y", 2), Axis("Ky", 3)])
    'YKy'
    """
    return "".join(axis.letter for axis in axes)


def shape_of(axes: Sequence[Axis]) -> tuple[int, ...]:
    """The shape of an array with `axes`."""
    return tuple(axis.size for axis in axes)


def shared_axes(found: Sequence[Axes]) -> Axes:
    """The axes of height and width that all of several images have; none where they differ.

    Where images begin at different places, nothing is known of the place.

    >>> shared_axes([(Axis("X", 9, 0.5, unit="nm"),), (Axis("X", 7, 0.5, 3.0, "nm"),)])
    (Axis(letter='X', size=9, scale=0.5, offset=0.0, unit='nm'),)
    """
    inner = [tuple(axis for axis in axes if axis.letter in ("Y", "X", "Ky", "Kx")) for axes in found]
    first = inner[0] if inner else ()
    if not all(len(axes) == len(first) and all(map(Axis.like, axes, first)) for axes in inner):
        return ()
    begin = all(isclose(a.offset, b.offset) for axes in inner for a, b in zip(axes, first, strict=True))
    return first if begin else tuple(replace(axis, offset=0.0) for axis in first)


def check_axes(axes: Sequence[Axis], shape: tuple[int, ...], name: str) -> None:
    """Refuse axes that are not those of an array of `shape`.

    Raises:
        InputError: for another number of axes, or axes of other sizes.
    """
    if shape_of(axes) != shape:
        sizes = show(shape_of(axes))
        raise InputError(f"{name} has the shape {show(shape)}, but its axes {letters_of(axes)} say {sizes}.")
