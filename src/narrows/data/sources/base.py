"""The interface of a storage of examples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.data.checks import real
from narrows.data.columns import Array

Index = NDArray[np.intp] | range
"""Row numbers: any, or consecutive ones."""


class Source(ABC):
    """Examples `(n, …)` in memory or in a file, which are read when they are asked for.

    Attributes:
        shape: of all examples, `(n, …)`.
        dtype: of the values, native-endian.
        in_memory: whether all rows are in memory.
        context: arrays that belong to all examples together, which are then used all at once; as a rule none.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    in_memory: bool
    context: Mapping[str, Array] = MappingProxyType({})

    def __len__(self) -> int:
        return self.shape[0]

    @abstractmethod
    def take(self, index: Index) -> Array:
        """The rows with the numbers `index`, in that order, `(len(index), …)`."""

    @abstractmethod
    def blocks(self) -> Sequence[range]:
        """The row numbers of blocks, in order; a block fits into memory and is read at once."""

    def all(self) -> Array:
        """All rows, as an array `(n, …)`."""
        return self.take(range(len(self)))

    def chosen(self, rows: range, among: NDArray[np.bool_]) -> Array:
        """Those of the consecutive `rows` that are true in the mask `among (n,)`, as `real` makes them."""
        return real(self.take(rows)[among[rows.start : rows.stop]], "The data")

    def pieces(self) -> Iterator[tuple[int, Array]]:
        """For each block the number of its first row, and its rows."""
        for rows in self.blocks():
            yield rows.start, self.take(rows)
