"""Batches of examples that stay in their source, which is read block by block."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from narrows.core.memory import rows_at_once
from narrows.core.processes import ALONE, Processes
from narrows.core.records import Batch, masked
from narrows.data.checks import real
from narrows.data.schema import Array
from narrows.data.sources import Source
from narrows.data.sources.base import of_rows
from narrows.data.split import Index
from narrows.data.windows import Patches
from narrows.training.batches import Drawn, Rows
from narrows.training.sizes import fitting, sizes_of

EVERY = slice(None)

MIXED = 8
"""Blocks of a file whose rows are shuffled among each other at a time."""


class Stream:
    """Examples that stay in their source, shuffled in blocks: in random order, a few mixed at a time.

    Args:
        source: where they are.
        index: the numbers of the rows to take.
        arrange: into the model's layout.
        scaling: as for `Rows`.
        device: as for `Rows`.
        collate: as for `Rows`.
        plain: `(len(index),)`, which of them are `Drawn` less often.
        patches: where they come from, if they are patches of images; those of images that belong to `index`
            as a whole are moved by half a side at the most, anew in each epoch.
    """

    def __init__(
        self,
        source: Source,
        index: Index,
        arrange: Callable[[Array], Array],
        scaling: nn.Module,
        device: torch.device,
        collate: Callable[..., Batch] = masked,
        plain: NDArray[np.bool_] | None = None,
        patches: Patches | None = None,
    ) -> None:
        self.source, self.arrange, self.scaling, self.device = source, arrange, scaling, device
        self.collate = collate
        self.blocks = source.blocks()
        self.index = index
        self.drawn = Drawn(np.zeros(len(index), dtype=np.bool_) if plain is None else plain)
        self.taken = self.rows_taken()
        self.free = None if patches is None else patches.of_whole_images(self.taken)

    def __len__(self) -> int:
        return len(self.index)

    def rows_taken(self, which: Index | slice = EVERY) -> NDArray[np.bool_]:
        """A mask of the rows of the source: those of `index` that have the numbers `which` in it."""
        taken = np.zeros(len(self.source), dtype=np.bool_)
        taken[self.index[which]] = True
        return taken

    @property
    def at_once(self) -> int:
        """How many examples a model computes at a time outside of training."""
        return rows_at_once(prod(self.source.shape[1:]))

    def steps(self, size: int, among: Processes = ALONE) -> int:
        """The number of batches of `size` examples that are divided `among` processes."""
        return len(sizes_of(len(self.drawn), size, among))

    def block(self, number: int) -> Array:
        """The rows to take of a block, as they came; patches moved."""
        if self.free is None:
            return self.source.chosen(self.blocks[number], self.taken)
        rows = np.asarray(self.blocks[number])
        rows = rows[self.taken[rows]]
        half = self.source.shape[1] // 2
        moves = torch.randint(-half, half + 1, (len(rows), 2)).numpy() * self.free[rows, None]
        return real(self.source.moved(rows, moves), "The data")

    def shuffled(self, size: int, among: Processes = ALONE) -> Iterator[Batch]:
        """The examples of an epoch in an order drawn from torch's global generator.

        Each one `among` processes has a share of each batch, and reads a stretch of the blocks for it.
        """
        with among.alike():
            if len(self.drawn) < len(self):
                self.taken = self.rows_taken(self.drawn.order().numpy())
            order = torch.randperm(len(self.blocks)).tolist()
        parts = [among.share(n) for n in sizes_of(len(self.drawn), size, among)]
        sizes = deque(part.stop - part.start for part in parts)
        stretch = self._stretch(order, sum(part.start for part in parts), sum(sizes))
        left: list[Array] = []
        while pieces := list(islice(stretch, MIXED)):
            rows = np.concatenate([*left, *(self.block(number)[part] for number, part in pieces)])
            mixed = torch.randperm(len(rows))
            here = fitting(sizes, len(rows))
            yield from self._batches(rows, mixed, here)
            left = [rows[mixed[sum(here) :].numpy()]]

    def _stretch(self, order: Sequence[int], begin: int, n: int) -> Iterator[tuple[int, slice]]:
        """The blocks with the `n` rows from the row `begin` on, of all in `order`, and which of theirs."""
        for number in order:
            held = int(of_rows(self.taken, self.blocks[number]).sum())
            part = slice(max(0, begin), min(held, begin + n))
            if part.start < part.stop:
                yield number, part
            begin -= held

    def _batches(self, rows: Array, order: Tensor, sizes: Sequence[int]) -> Iterator[Batch]:
        held = Rows(self.arrange(rows), self.scaling, self.device, collate=self.collate)
        for index in torch.split(order[: sum(sizes)], list(sizes)):
            yield held.batch(index.to(self.device))
