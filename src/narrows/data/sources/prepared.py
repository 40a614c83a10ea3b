"""Signals that are prepared when they are read."""

from __future__ import annotations

from collections.abc import Sequence

from narrows.data.calibration import Axes
from narrows.data.columns import Array
from narrows.data.preparation import Preparation
from narrows.data.sources.base import Index, Source


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
        return self.how(self.source.take(index), self.signal).astype(self.dtype, copy=False)

    def blocks(self) -> Sequence[Index]:
        return self.source.blocks()
