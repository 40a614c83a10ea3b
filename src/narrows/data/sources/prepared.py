"""Signals that are prepared when they are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from narrows.data.calibration import Axes
from narrows.data.columns import Array
from narrows.data.preparation import Preparation
from narrows.data.sources.base import Index, Source
from narrows.data.sources.on_disk import consecutive


class Prepared(Source):
    """The signals of a source after preparation.

    Args:
        source: the signals `(n, *signal)` as they came.
        how: the steps.
        signal: the axes of the signals as they came.
    """

    def __init__(self, source: Source, how: Preparation, signal: Axes) -> None:
        self.source, self.how, self.signal = source, how, signal
        self.in_memory = source.in_memory
        self.shape = (len(source), *(axis.size for axis in how.axes(signal)))
        self.dtype = how.dtype(source.dtype)

    def take(self, index: Index) -> Array:
        """The signals with the numbers `index`; those as they came are never all in memory."""
        rows, taken = np.asarray(index, dtype=np.intp), np.empty((len(index), *self.shape[1:]), self.dtype)
        for places in self.source.together(index):
            taken[places] = self.how(self.source.take(consecutive(rows[places])), self.signal)
        return taken

    @property
    def times_read(self) -> int:
        return self.source.times_read

    def blocks(self) -> Sequence[Index]:
        return self.source.blocks()
