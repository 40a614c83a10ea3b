"""Where examples are stored, as everything else sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array

Index = NDArray[np.intp] | range
"""Row numbers: any, or one after the other."""


class Source(ABC):
    """Examples `(n, …)` in memory or in a file: how many, of what shape and type, and some of them on demand.

    Attributes:
        shape: of the whole array, rows first.
        dtype: of its values, native-endian.
        in_memory: whether taking all rows at once costs no more memory than is in use already.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    in_memory: bool

    def __len__(self) -> int:
        return self.shape[0]

    @abstractmethod
    def take(self, index: Index) -> Array:
        """The rows numbered `index`, in that order, as an array."""

    @abstractmethod
    def blocks(self) -> Sequence[range]:
        """All rows in order, in pieces that are each read at once and fit into memory."""

    def all(self) -> Array:
        """Every row, in memory."""
        return self.take(range(len(self)))

    def pieces(self) -> Iterator[tuple[int, Array]]:
        """Every block, with the number of its first row."""
        for rows in self.blocks():
            yield rows.start, self.take(rows)
