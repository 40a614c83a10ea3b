"""Examples of an array in a file: each piece of the file is read at once, never the whole file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, reason
from narrows.data.columns import Array
from narrows.data.sources.base import Index, Source
from narrows.data.stored import Stored

LARGE = 2**30
"""Arrays of at least this number of bytes are not read into memory."""

BLOCK = 2**24
"""The size of a block in bytes; a value counts as 4 at least, which it has on the model's scale."""

NEAR = 2**16
"""Bytes between two examples that are read along: that takes less time than reading the second one apart."""

TILES = 4
"""The size of the examples of one chunk, in blocks, that are read together; of larger chunks a part is."""


def bytes_of(shape: Sequence[int], itemsize: int) -> int:
    """The size of an example on the model's scale."""
    return max(1, prod(shape) * max(4, itemsize))


def rows_in_block(source: Source) -> int:
    """How many rows of `source` a block has."""
    return max(1, BLOCK // bytes_of(source.shape[1:], source.dtype.itemsize))


class OnDisk(Source):
    """Examples of an array that is not in memory.

    Args:
        stored: the array.
        outer: the axes whose places number the examples, the last one fastest; the first by default.
        inner: the axes of an example, in this order; by default the others.
    """

    in_memory = False

    def __init__(
        self, stored: Stored, outer: Sequence[int] = (0,), inner: Sequence[int] | None = None
    ) -> None:
        shape = stored.shape
        rest = [axis for axis in range(len(shape)) if axis not in outer]
        self.stored, self.outer, self.inner = stored, tuple(outer), tuple(rest if inner is None else inner)
        self.grid = tuple(shape[axis] for axis in self.outer) or (1,)
        self.shape = (prod(self.grid), *(shape[axis] for axis in self.inner))
        self.dtype = stored.array.dtype.newbyteorder("=")

    def arranged(self, outer: Sequence[int], inner: Sequence[int]) -> OnDisk:
        """The same array with other axes that number the examples."""
        return OnDisk(self.stored, outer, inner)

    @cached_property
    def chunk(self) -> tuple[int, ...]:
        """How many examples along each axis of the grid lie in a chunk of the file."""
        chunks = self.stored.chunks
        whole = [1] * len(self.grid) if chunks is None else [chunks[axis] for axis in self.outer] or [1]
        return tuple(map(min, whole, self.grid))

    @cached_property
    def tile(self) -> tuple[int, ...]:
        """How many examples along each axis of the grid are read at once: a chunk, or the part with room."""
        tile, room = list(self.chunk), TILES * rows_in_block(self)
        for axis, size in enumerate(tile):
            tile[axis] = max(1, min(size, room // prod(tile[axis + 1 :])))
        return tuple(tile)

    @property
    def times_read(self) -> int:
        return prod(-(-size // part) for size, part in zip(self.chunk, self.tile, strict=True))

    @cached_property
    def _blocks(self) -> Sequence[Index]:
        size = prod(self.tile)
        step = max(1, rows_in_block(self) // size)
        if self._in_line:
            rows = step * size
            return [range(first, min(first + rows, len(self))) for first in range(0, len(self), rows)]
        tiles = self._tile_of(np.arange(len(self)))
        order = np.argsort(tiles, kind="stable")
        begins = np.flatnonzero(np.diff(tiles[order], prepend=-1))
        return [consecutive(rows) for rows in np.split(order, begins[step::step])]

    @property
    def _in_line(self) -> bool:
        """Whether the examples of a tile follow each other, and tiles do."""
        axis = next((i for i, size in enumerate(self.tile) if size > 1), len(self.tile) - 1)
        whole = self.tile[axis + 1 :] == self.grid[axis + 1 :]
        return whole and (axis == 0 or self.grid[axis] % self.tile[axis] == 0)

    def blocks(self) -> Sequence[Index]:
        """Whole tiles, as many as a block has room for, one at the least."""
        return self._blocks

    def _tile_of(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """The number of the tile that holds each of the examples `rows`."""
        places = np.unravel_index(rows, self.grid)
        counts = [-(-size // part) for size, part in zip(self.grid, self.tile, strict=True)]
        tiles = tuple(place // part for place, part in zip(places, self.tile, strict=True))
        return np.asarray(np.ravel_multi_index(tiles, counts))

    def take(self, index: Index) -> Array:
        """The examples with the numbers `index`.

        Raises:
            InputError: for a part of the file that cannot be read.
        """
        if isinstance(index, range):
            boxes = [self._read(box) for box in boxes_of(index.start, index.stop, self.grid)]
            return boxes[0] if len(boxes) == 1 else np.concatenate([self._none, *boxes])
        taken = np.empty((len(index), *self.shape[1:]), self.dtype)
        for places in self.together(index):
            taken[places] = self._of_tile(index[places])
        return taken

    @property
    def _none(self) -> Array:
        return np.empty((0, *self.shape[1:]), self.dtype)

    def together(self, index: Index) -> Iterator[NDArray[np.intp]]:
        """The places in `index` of examples of one tile, or of those that lie near each other in a block."""
        rows, alone = np.asarray(index, dtype=np.intp), prod(self.tile) == 1
        keys = rows if alone else self._tile_of(rows)
        order = np.argsort(keys, kind="stable")
        gap = max(1, NEAR // bytes_of(self.shape[1:], self.dtype.itemsize)) if alone else 0
        apart = np.diff(keys[order]) > gap
        if alone:
            apart |= np.diff(rows[order] // rows_in_block(self)) > 0
        cuts = np.flatnonzero(apart) + 1
        most = TILES * rows_in_block(self)
        for places in np.split(order, cuts) if len(order) else ():
            yield from np.split(places, range(most, len(places), most))

    def _of_tile(self, rows: NDArray[np.intp]) -> Array:
        """The examples `rows` from the smallest box, or from the lines, that holds them."""
        if prod(self.tile) == 1:
            first = int(rows[0])
            return self.take(range(first, int(rows[-1]) + 1))[rows - first]
        places = np.stack(np.unravel_index(rows, self.grid))
        low, high = places.min(axis=1), places.max(axis=1) + 1
        box = self._read([slice(*ends) for ends in zip(low.tolist(), high.tolist(), strict=True)])
        return box[np.ravel_multi_index(tuple(places - low[:, None]), tuple(high - low))]

    def lines(self, images: range, lines: range) -> Array:
        boxes = boxes_of(images.start, images.stop, self.grid)
        part = slice(lines.start, lines.stop)
        return np.concatenate([self._read(box, part) for box in boxes])

    @property
    def strip(self) -> tuple[int, int]:
        chunks = self.stored.chunks
        return self.tile[-1], 1 if chunks is None else chunks[self.inner[0]]

    def _read(self, box: Sequence[slice], lines: slice = slice(None)) -> Array:
        """The examples in a box of the grid, `(n, *inner)`; of each the `lines` along its first axis."""
        where = [slice(None)] * len(self.stored.shape)
        for axis, places in (*zip(self.outer, box, strict=False), *zip(self.inner, [lines], strict=False)):
            where[axis] = places
        try:
            found = np.asarray(self.stored.array[tuple(where)])
        except Exception as error:  # a damaged chunk may raise anything in a library
            raise InputError(f"A part of {self.stored.name} cannot be read: {reason(error)}.") from error
        moved = found.transpose(*self.outer, *self.inner)
        shape = moved.shape[len(self.outer) :]
        return np.ascontiguousarray(moved.reshape(-1, *shape), self.dtype)


def boxes_of(first: int, last: int, grid: tuple[int, ...]) -> list[list[slice]]:
    """The boxes in a grid that hold the places from number `first` up to but without `last`, in order.

    >>> boxes_of(2, 9, (4, 3))
    [[slice(0, 1, None), slice(2, 3, None)], [slice(1, 3, None), slice(0, 3, None)]]
    """
    if first >= last:
        return []
    if len(grid) == 1:
        return [[slice(first, last)]]
    size = prod(grid[1:])
    line, rest = divmod(first, size)
    if rest or last - first < size:
        end = min(last, (line + 1) * size)
        inside = boxes_of(rest, end - line * size, grid[1:])
        return [[slice(line, line + 1), *box] for box in inside] + boxes_of(end, last, grid)
    whole = (last - first) // size
    lines = [slice(line, line + whole), *(slice(0, length) for length in grid[1:])]
    return [lines, *boxes_of((line + whole) * size, last, grid)]


def consecutive(rows: NDArray[np.intp]) -> Index:
    """`rows` as a range, if they follow each other."""
    first, last = int(rows[0]), int(rows[-1]) + 1
    in_order = last - first == len(rows) and bool((np.diff(rows) == 1).all())
    return range(first, last) if in_order else rows
