"""Arrays that are larger than memory should have to be: read from their file block by block.

The file is read and never mapped, because pages of a map that was read in order count as memory
that is in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array

LARGE = 2**30
"""Bytes from which on an array stays in its file."""

BLOCK = 2**24
"""Bytes that are read at a time."""


class OnDisk:
    """The array of an `.npy` file, with as much of numpy's interface as its readers need.

    Args:
        file: where it is.
        shape: of the whole array, rows first.
        dtype: of its values as they are stored.
        offset: bytes in front of the first value.
    """

    def __init__(self, file: Path, shape: tuple[int, ...], dtype: np.dtype[np.generic], offset: int) -> None:
        self.file, self.shape, self.stored, self.offset = file, shape, dtype, offset
        self.dtype = dtype.newbyteorder("=")
        self.ndim = len(shape)
        self.width = prod(shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def rows_per_block(self) -> int:
        return max(1, BLOCK // max(1, self.width * self.dtype.itemsize))

    def __getitem__(self, index: slice | NDArray[np.intp]) -> Array:
        """Rows as an array in memory."""
        if isinstance(index, slice):
            first, last, step = index.indices(len(self))
            assert step == 1
            return self.read(first, max(0, last - first))
        found = np.empty((len(index), *self.shape[1:]), self.dtype)
        for i in np.argsort(index, kind="stable"):  # in the order of the file
            found[i] = self.read(int(index[i]), 1)[0]
        return found

    def read(self, first: int, count: int) -> Array:
        """`count` rows from the row `first` on."""
        start = self.offset + first * self.width * self.stored.itemsize
        values = np.fromfile(self.file, self.stored, count * self.width, offset=start)
        return values.reshape(count, *self.shape[1:]).astype(self.dtype, copy=False)


Values = Array | OnDisk


def pieces(values: Values) -> Iterator[tuple[int, Array]]:
    """The rows of `values` in order, each piece with the number of its first row."""
    if isinstance(values, OnDisk):
        for first in range(0, len(values), values.rows_per_block):
            yield first, values[first : first + values.rows_per_block]
    else:
        yield 0, values


def on_disk(file: Path) -> OnDisk | None:
    """The array of an `.npy` file if it is too large to be read at once.

    Raises:
        ValueError: if the file is no such array, or not whole.
    """
    if file.stat().st_size < LARGE:
        return None
    array = np.load(file, mmap_mode="r", allow_pickle=False)
    if not array.flags.c_contiguous:
        raise ValueError("it is stored column by column; save np.ascontiguousarray of it")
    return OnDisk(file.resolve(), array.shape, array.dtype, array.offset)


def draw_rows(n: int, most: int, seed: int = 0) -> NDArray[np.intp]:
    """At most `most` of the numbers below `n`, drawn at random, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
