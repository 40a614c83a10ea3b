"""Examples in several files, one file after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.sources.base import Index, Source
from narrows.data.sources.on_disk import consecutive


class Joined(Source):
    """The examples of several sources of one shape and type, in their order.

    Args:
        sources: at least one.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self.shape = (sum(map(len, sources)), *sources[0].shape[1:])
        self.dtype = sources[0].dtype
        self.in_memory = False

    @cached_property
    def begins(self) -> NDArray[np.intp]:
        """The number of the first example of each source."""
        return np.array([0, *accumulate(map(len, self.sources))][:-1])

    def take(self, index: Index) -> Array:
        rows = np.asarray(index, dtype=np.intp)
        taken = np.empty((len(rows), *self.shape[1:]), self.dtype)
        owners = self._owners(rows)
        for owner in np.unique(owners):
            places = np.flatnonzero(owners == owner)
            taken[places] = self.sources[owner].take(consecutive(rows[places] - self.begins[owner]))
        return taken

    def _owners(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """The number of the source that each of the examples `rows` is in."""
        return np.searchsorted(self.begins, rows, side="right") - 1

    def blocks(self) -> Sequence[Index]:
        """Those of each source."""
        return self._blocks

    @cached_property
    def _blocks(self) -> Sequence[Index]:
        return [
            range(rows.start + begin, rows.stop + begin) if isinstance(rows, range) else rows + begin
            for begin, source in zip(self.begins.tolist(), self.sources, strict=True)
            for rows in source.blocks()
        ]

    def together(self, index: Index) -> Iterator[NDArray[np.intp]]:
        rows = np.asarray(index, dtype=np.intp)
        owners = self._owners(rows)
        for owner in np.unique(owners):
            places = np.flatnonzero(owners == owner)
            for some in self.sources[owner].together(rows[places] - self.begins[owner]):
                yield places[some]

    @property
    def times_read(self) -> int:
        return max(source.times_read for source in self.sources)
