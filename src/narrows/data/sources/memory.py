"""Examples in memory."""

from __future__ import annotations

from collections.abc import Sequence

from narrows.data.columns import Array
from narrows.data.sources.base import Index, Source


class InMemory(Source):
    """Examples in an array.

    Args:
        array: `(n, …)`.
    """

    in_memory = True

    def __init__(self, array: Array) -> None:
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def take(self, index: Index) -> Array:
        return self.array[index.start : index.stop] if isinstance(index, range) else self.array[index]

    def blocks(self) -> Sequence[range]:
        return [range(len(self))]
