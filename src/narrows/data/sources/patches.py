"""Patches of images that are too large for memory, each cut when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from narrows.data.columns import Array
from narrows.data.sources.base import Index, Source
from narrows.data.sources.npy import rows_in_block
from narrows.data.windows import Patches


class PatchesOnDisk(Source):
    """The patches of one image, or of several of one size, in an `.npy` file.

    A strip is a row of patches that begin at the same line of an image. Strips are read at once.

    Args:
        lines: the lines of all images, one image after the other, `(images · height, width[, channels])`.
        patches: where the patches are, all of the images' patches in order.
        side: height and width of a patch.
    """

    in_memory = False

    def __init__(self, lines: Source, patches: Patches, side: int) -> None:
        self.lines, self.side, self.dtype = lines, side, lines.dtype
        self.shape = (len(patches.owner), side, side, *lines.shape[2:])
        self.left, heights = patches.corners[:, 1], np.array(patches.sizes)[:, 0]
        self.top = np.concatenate([[0], np.cumsum(heights)])[patches.owner] + patches.corners[:, 0]

    def blocks(self) -> Sequence[range]:
        """Whole strips, so that none is read twice."""
        begins = [*np.flatnonzero(np.diff(self.top, prepend=-1)), len(self)]
        step, blocks, first = rows_in_block(self), [], 0
        for last, following in zip(begins[1:], [*begins[2:], begins[-1]], strict=True):
            if last == begins[-1] or following - first > step:
                blocks.append(range(first, last))
                first = last
        return blocks

    def take(self, index: Index) -> Array:
        wanted = np.arange(len(self))[index.start : index.stop] if isinstance(index, range) else index
        taken = np.empty((len(wanted), *self.shape[1:]), self.dtype)
        order = np.argsort(self.top[wanted], kind="stable")
        changes = np.flatnonzero(np.diff(self.top[wanted][order])) + 1
        for places in np.split(order, changes) if len(order) else ():
            top = int(self.top[wanted[places[0]]])
            strip = self.lines.take(range(top, top + self.side))
            for place in places:
                left = self.left[wanted[place]]
                taken[place] = strip[:, left : left + self.side]
        return taken
