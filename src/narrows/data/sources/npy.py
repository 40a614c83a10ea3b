"""Arrays that are larger than memory should have to be: read from their file block by block.

The file is read and never mapped, because pages of a map that was read in order count as memory
that is in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
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


class Header(NamedTuple):
    """What the beginning of an `.npy` file says: the array's shape and type, and where its values start."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]
    offset: int


def read_header(file: Path) -> Header:
    """The header of an `.npy` file that is as long as it says.

    Raises:
        InputError: if the file is not whole, or holds objects.
        ValueError: if it is no `.npy` file.
    """
    with file.open("rb") as stream:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"it is of version {version} of the format")
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        header = Header(*read(stream), stream.tell())
    if header.dtype.hasobject:
        raise InputError(f"{file.name} holds Python objects, which are never loaded; save plain numbers.")
    promised, there = prod(header.shape) * header.dtype.itemsize, file.stat().st_size - header.offset
    if there < promised:
        raise InputError(
            f"{file.name} is not whole: its header promises {promised:,} bytes of values, but {there:,} are "
            f"there."
        )
    return header


def on_disk(file: Path) -> OnDisk | None:
    """The array of an `.npy` file if it is too large to be read at once.

    Raises:
        InputError: as `read_header`, or if it is stored column by column.
        ValueError: as `read_header`.
    """
    header = read_header(file)
    if prod(header.shape) * header.dtype.itemsize < LARGE:
        return None
    if header.fortran and len(header.shape) > 1:
        raise InputError(f"{file.name} is stored column by column; save np.ascontiguousarray of it.")
    return OnDisk(file.resolve(), header.shape, header.dtype, header.offset)


def draw_rows(n: int, most: int, seed: int = 0) -> NDArray[np.intp]:
    """At most `most` of the numbers below `n`, drawn at random, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
