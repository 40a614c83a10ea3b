"""The blocks of a source that belong to one of several processes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from narrows.core.processes import Processes
from narrows.data.columns import Array
from narrows.data.sources.base import Index, Source


class SomeBlocks(Source):
    """Some blocks of a source, whose rows keep their numbers.

    Args:
        source: all rows.
        some: row numbers of the blocks.
    """

    def __init__(self, source: Source, some: Sequence[Index]) -> None:
        self.source, self.some = source, some
        self.shape = (sum(map(len, some)), *source.shape[1:])
        self.dtype, self.in_memory, self.context = source.dtype, source.in_memory, source.context

    @property
    def rows(self) -> Index:
        """The numbers of the rows, in the order of the blocks."""
        return np.concatenate([np.empty(0, np.intp), *map(np.asarray, self.some)]).astype(np.intp)

    def take(self, index: Index) -> Array:
        return self.source.take(index)

    def blocks(self) -> Sequence[Index]:
        return self.some

    def in_order(self, results: Array) -> Array:
        return results


def divided(source: Source, processes: Processes, at_once: int) -> Source:
    """The part of `source` that belongs to this one of the `processes`, in stretches of its blocks.

    A stretch is some batches, so that a model computes the same batches as one process would, and is read at
    once; examples that belong together are not divided.

    Args:
        source: all rows.
        processes: the processes.
        at_once: how many examples a batch has.
    """
    if processes.alone or source.context:
        return source
    blocks = source.blocks()
    batches = [(i, first) for i, rows in enumerate(blocks) for first in range(0, len(rows), at_once)]
    stretches: dict[int, list[int]] = {}
    for i, first in batches[processes.share(len(batches))]:
        stretches.setdefault(i, []).append(first)
    return SomeBlocks(
        source, [blocks[i][firsts[0] : firsts[-1] + at_once] for i, firsts in stretches.items()]
    )
