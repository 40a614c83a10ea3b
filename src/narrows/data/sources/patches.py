"""Patches of images that are too large for memory, each cut when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.sources.base import Index, Source
from narrows.data.sources.on_disk import TILES, bytes_of, consecutive, rows_in_block
from narrows.data.windows import Patches


class PatchesOnDisk(Source):
    """The patches of images of one size that are not in memory.

    A strip is the lines of one or several images that are best read at once, and the lines that patches which
    begin in them need beside.

    Args:
        images: `(images, height, width[, channels])`.
        patches: where the patches are, all of the images' patches in order.
        side: height and width of a patch.
    """

    in_memory = False

    def __init__(self, images: Source, patches: Patches, side: int) -> None:
        self.images, self.side, self.dtype = images, side, images.dtype
        self.shape = (len(patches.owner), side, side, *images.shape[3:])
        self.sizes = np.array(patches.sizes)
        self.owner, self.top, self.left = patches.owner, patches.corners[:, 0], patches.corners[:, 1]
        self.unit = self._unit()

    def _unit(self) -> tuple[int, int]:
        """The images and the lines of a strip."""
        together, lines = self.images.strip
        row = bytes_of(self.images.shape[2:], self.dtype.itemsize)
        room = TILES * rows_in_block(self) * bytes_of(self.shape[1:], self.dtype.itemsize) // row
        lines = max(1, min(lines, room))
        return max(1, min(together, room // (lines + self.side))), lines

    def _strips(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """The number of the strip in which each of the patches `rows` begins."""
        together, lines = self.unit
        across = -(-self.images.shape[1] // lines)
        return self.owner[rows] // together * across + self.top[rows] // lines

    def blocks(self) -> Sequence[Index]:
        """Whole strips, so that none is read twice."""
        strips = self._strips(np.arange(len(self)))
        order = np.argsort(strips, kind="stable")
        ends = [*np.flatnonzero(np.diff(strips[order])) + 1, len(self)]
        step, blocks, first = rows_in_block(self), [], 0
        for end, following in zip(ends, [*ends[1:], None], strict=True):
            if following is None or following - first > step:
                blocks.append(consecutive(order[first:end]))
                first = end
        return blocks

    def take(self, index: Index) -> Array:
        wanted = np.arange(len(self))[index.start : index.stop] if isinstance(index, range) else index
        return self._cut(wanted, self.top[wanted], self.left[wanted])

    def moved(self, index: Index, moves: NDArray[np.intp]) -> Array:
        wanted = np.asarray(index)
        corners = np.column_stack([self.top[wanted], self.left[wanted]]) + moves
        corners = np.clip(corners, 0, self.sizes[self.owner[wanted]] - self.side)
        return self._cut(wanted, *corners.T)

    def _cut(self, wanted: NDArray[np.intp], tops: NDArray[np.intp], lefts: NDArray[np.intp]) -> Array:
        """Patches of the images of the patches `wanted`, that begin at `tops` and `lefts`."""
        taken = np.empty((len(wanted), *self.shape[1:]), self.dtype)
        for places in self._together(wanted):
            owner, top = self.owner[wanted[places]], int(tops[places].min())
            first = int(owner.min())
            images = range(first, int(owner.max()) + 1)
            strip = self.images.lines(images, range(top, int(tops[places].max()) + self.side))
            for place, i in zip(places, owner - first, strict=True):
                down, left = tops[place] - top, lefts[place]
                taken[place] = strip[i][down : down + self.side, left : left + self.side]
        return taken

    def _together(self, wanted: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
        """The places in `wanted` of patches that begin in the same strip."""
        strips = self._strips(wanted)
        order = np.argsort(strips, kind="stable")
        if len(order):
            yield from np.split(order, np.flatnonzero(np.diff(strips[order])) + 1)
