"""Examples of one kind, and what is known about each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.schema import Schema
from narrows.data.sources import InMemory, Source
from narrows.data.windows import Patches

SAMPLE = 8
"""Blocks' worth of rows that stand for data that are not in memory wherever not all are needed."""


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Examples as they came, and what is known about each.

    Attributes:
        source: `(n, *schema.shape)`, not scaled: where the examples are.
        schema: what one example is.
        name: of the file or set, for run folders and reports.
        ids: a name of each example, a file's or a row's.
        labels: `(n,)`, only ever used to colour pictures; None if there are none.
        test: the official test part of a named set, held out by everybody alike.
        notes: sentences about what the reader did.
        modes: of image files, what each was stored as.
        groups: `(n,)`, rows with the same number belong together and are never parted.
        patches: where the examples were cut from, if they are pieces of larger images.
    """

    source: Source
    schema: Schema
    name: str
    ids: tuple[str, ...] = ()
    labels: Array | None = None
    test: Data | None = None
    notes: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    groups: Array | None = None
    patches: Patches | None = None

    def __len__(self) -> int:
        return len(self.source)

    @property
    def array(self) -> Array:
        """The values, of data that are in memory: of others `rows` and `drawn` are."""
        assert isinstance(self.source, InMemory)
        return self.source.array

    @property
    def held_out(self) -> Data:
        """The official test part, of sets that have one."""
        assert self.test is not None
        return self.test

    def rows(self, index: NDArray[np.intp]) -> Data:
        """The examples numbered `index`, in memory."""

        def pick(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(names[i] for i in index) if names else ()

        return replace(
            self,
            source=InMemory(self.source.take(index)),
            ids=pick(self.ids),
            modes=pick(self.modes),
            labels=None if self.labels is None else self.labels[index],
            groups=None if self.groups is None else self.groups[index],
            patches=None,
        )

    def affordable(self, index: NDArray[np.intp]) -> NDArray[np.intp]:
        """All of `index`; of data that are not in memory as many as fit into it, drawn at random."""
        if self.source.in_memory:
            return index
        return index[draw_rows(len(index), SAMPLE * len(self.source.blocks()[0]))]

    def drawn(self) -> Data:
        """All examples; of data that are not in memory as many as fit into it, drawn at random."""
        if self.source.in_memory:
            return self
        return self.rows(self.affordable(np.arange(len(self))))


def draw_rows(n: int, most: int, seed: int = 0) -> NDArray[np.intp]:
    """At most `most` of the numbers below `n`, drawn at random, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
