"""An array in a file, with what the file says of its axes, before it becomes examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from narrows.data.calibration import Axes
from narrows.data.columns import Array


class Lazy(Protocol):
    """An array that reads what it is asked for: of h5py, zarr, a memory map, or numpy's own."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def __getitem__(self, place: Any) -> Array: ...


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """An array in a file.

    Attributes:
        array: its values, read when they are asked for.
        name: of the file, for messages, run folders and reports.
        axes: what the file says of them, one for each axis; None if it says nothing.
        chunks: the shape of the pieces that are read at once; None for arrays in one piece.
        notes: sentences about what the reader did.
    """

    array: Lazy
    name: str
    axes: Axes | None = None
    chunks: tuple[int, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return tuple(self.array.shape)
