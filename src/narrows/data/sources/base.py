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
    def blocks(self) -> Sequence[Index]:
        """The row numbers of blocks; a block fits into memory and is read at once.

        Each row is in one block. Rows of a file in chunks of several lines are in the order of the chunks.
        """

    def together(self, index: Index) -> Iterator[NDArray[np.intp]]:
        """The places in `index` of rows that are best read at once, and fit into memory."""
        yield np.arange(len(index))

    @property
    def times_read(self) -> int:
        """How often a piece of the file is read in a pass over all rows."""
        return 1

    def all(self) -> Array:
        """All rows, as an array `(n, …)`."""
        return self.take(range(len(self)))

    def chosen(self, rows: Index, among: NDArray[np.bool_]) -> Array:
        """Those of `rows` that are true in the mask `among (n,)`, as `real` makes them."""
        return real(self.take(rows)[of_rows(among, rows)], "The data")

    def pieces(self) -> Iterator[tuple[Index, Array]]:
        """For each block the numbers of its rows, and the rows."""
        for rows in self.blocks():
            yield rows, self.take(rows)

    def in_order(self, results: Array) -> Array:
        """`results (n, …)` of all rows, which are in the order of the blocks, in the order of the rows."""
        blocks = self.blocks()
        if all(isinstance(rows, range) for rows in blocks):
            return results
        ordered = np.empty_like(results)
        ordered[np.concatenate([np.asarray(rows) for rows in blocks])] = results
        return ordered

    def moved(self, index: Index, moves: NDArray[np.intp]) -> Array:
        """The rows `index`; of patches of images those that lie `moves (len(index), 2)` pixels beside them.

        A patch is moved no further than to the border of its image.
        """
        return self.take(index)

    def lines(self, images: range, lines: range) -> Array:
        """The `lines` of consecutive `images`, where examples are images with the height as first axis."""
        return self.take(images)[:, lines.start : lines.stop]

    @property
    def strip(self) -> tuple[int, int]:
        """How many images, and how many lines of each, are best read at once."""
        return 1, 1


def of_rows(mask: NDArray[np.bool_], rows: Index) -> NDArray[np.bool_]:
    """`mask (n,)` at the numbers `rows`."""
    return mask[rows.start : rows.stop] if isinstance(rows, range) else mask[rows]
