"""The three disjoint parts of the data: to train on, to choose on, and to be judged on once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from narrows.data.checks import real
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import Index, Parts, split


@dataclass(frozen=True)
class SplitData:
    """Data cut into parts.

    Attributes:
        data: all of them, but for a test part that they bring.
        index: the row numbers of each part.
        train: the training rows, or as many of them as fit into memory.
        held_out: the rows to judge on: the data's own test part, or those that were cut off.
    """

    data: Data
    index: Parts
    train: Data
    held_out: Data

    @cached_property
    def arranged(self) -> Array:
        """The training rows in the model's layout, `(n, *model_shape)`, not scaled."""
        return self.data.schema.arrange(self.train.array)

    @cached_property
    def validation(self) -> Data:
        """The rows on which the best epoch is chosen."""
        return self.data.rows(self.index.validation)

    @property
    def numbers(self) -> Index:
        """The number of each held-out row: in the data, or in the part that was given to judge on."""
        return np.arange(len(self.held_out)) if self.index.held_out is None else self.index.held_out

    def training_blocks(self) -> Iterator[Array]:
        """All training rows in order, as they came, in pieces that fit into memory; none is empty."""
        if self.data.source.in_memory:
            yield self.train.array
            return
        taken = np.zeros(len(self.data), dtype=np.bool_)
        taken[self.index.train] = True
        for first, piece in self.data.source.pieces():
            mine = taken[first : first + len(piece)]
            if mine.any():
                yield real(piece[mine], "The data")


def split_data(data: Data, seed: int) -> SplitData:
    """Cut `data` into parts; rows of one group stay together.

    Raises:
        InputError: when there are too few rows, or groups, for each part to have one.
    """
    index = split(len(data), seed=seed, own_test=data.test is not None, groups=data.groups)
    train = data.rows(data.affordable(index.train))
    held_out = data.held_out if index.held_out is None else data.rows(index.held_out)
    return SplitData(data, index, train, held_out)
