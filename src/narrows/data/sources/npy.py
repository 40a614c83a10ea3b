"""Arrays that are too large for memory: an `.npy` file is read block by block.

It is not memory-mapped, because pages of a map that was read in order count as resident memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.columns import Array
from narrows.data.sources.base import Index, Source

LARGE = 2**30
"""Arrays of at least this number of bytes are not read into memory."""

BLOCK = 2**24
"""The size of a block in bytes; a value counts as 4 at least, which it has on the model's scale."""


def rows_in_block(source: Source) -> int:
    """How many rows of `source` a block has."""
    return max(1, BLOCK // max(1, prod(source.shape[1:]) * max(4, source.dtype.itemsize)))


class NpyFile(Source):
    """The array of an `.npy` file that is not in memory.

    Args:
        file: its path.
        shape: of the array, `(n, …)`.
        dtype: of the stored values, of any byte order.
        offset: the number of bytes before the first value.
    """

    in_memory = False

    def __init__(self, file: Path, shape: tuple[int, ...], dtype: np.dtype[np.generic], offset: int) -> None:
        self.file, self.shape, self.stored, self.offset = file, shape, dtype, offset
        self.dtype = dtype.newbyteorder("=")
        self.width = prod(shape[1:])

    def blocks(self) -> Sequence[range]:
        step = rows_in_block(self)
        return [range(first, min(first + step, len(self))) for first in range(0, len(self), step)]

    def take(self, index: Index) -> Array:
        if isinstance(index, range):
            return self.read(index.start, len(index))
        rows = np.empty((len(index), *self.shape[1:]), self.dtype)
        for i in np.argsort(index, kind="stable"):  # in the order of the file
            rows[i] = self.read(int(index[i]), 1)[0]
        return rows

    def joined(self) -> NpyFile:
        """Without the first axis: the parts along it follow each other, `(n · height, …)`."""
        shape = (self.shape[0] * self.shape[1], *self.shape[2:])
        return NpyFile(self.file, shape, self.stored, self.offset)

    def read(self, first: int, count: int) -> Array:
        """`count` rows, beginning with row `first`."""
        start = self.offset + first * self.width * self.stored.itemsize
        values = np.fromfile(self.file, self.stored, count * self.width, offset=start)
        return values.reshape(count, *self.shape[1:]).astype(self.dtype, copy=False)


class Header(NamedTuple):
    """The header of an `.npy` file: the array's shape, order and dtype, and the offset of its values."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]
    offset: int


def read_header(file: Path) -> Header:
    """The header of an `.npy` file.

    Raises:
        InputError: if the file is shorter than its header says, or holds objects.
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
    promised, held = prod(header.shape) * header.dtype.itemsize, file.stat().st_size - header.offset
    if held < promised:
        raise InputError(
            f"{file.name} is truncated: its header promises {promised:,} bytes of values, but it holds "
            f"{held:,}."
        )
    return header


def open_npy(file: Path) -> NpyFile | None:
    """The array of an `.npy` file of at least `LARGE` bytes; None for smaller ones.

    Raises:
        InputError: as `read_header`, or if the array is in Fortran order.
        ValueError: as `read_header`.
    """
    header = read_header(file)
    if prod(header.shape) * header.dtype.itemsize < LARGE:
        return None
    if header.fortran and len(header.shape) > 1:
        raise InputError(f"{file.name} is stored column by column; save np.ascontiguousarray of it.")
    return NpyFile(file.resolve(), header.shape, header.dtype, header.offset)
