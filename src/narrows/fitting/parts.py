"""The data of a fit, split into training, validation and held-out part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.examples import Data
from narrows.data.images.structure import plain, structure
from narrows.data.schema import Array
from narrows.data.split import Index, Parts
from narrows.evaluation.noise_advice import Advice, advise
from narrows.runs.scaler import Scaled, Scaler
from narrows.training.batches import Drawn


class ScaledParts(NamedTuple):
    """The training and held-out rows on the model's scale."""

    train: Scaled
    held_out: Scaled


@dataclass(frozen=True)
class SplitData:
    """Data with their split.

    Attributes:
        data: all rows but those of a test part.
        index: the row numbers of each part.
        train: the training rows in memory: all, or a random sample of those of data on disk.
        held_out: the held-out rows: the test part of the data, or rows that were split off.
        seed: of the split.
    """

    data: Data
    index: Parts
    train: Data
    held_out: Data
    seed: int = 0

    @cached_property
    def arranged(self) -> Array:
        """The training rows in the model's layout, `(n, *model_shape)`, not scaled."""
        return self.data.schema.arrange(self.train.array)

    @cached_property
    def validation(self) -> Data:
        """The validation rows, which choose the best epoch."""
        return self.data.judged(self.index, self.index.validation, (self.seed, 1))

    @cached_property
    def noise(self) -> Advice:
        """What the noise of the training images is like, and which recipe removes it."""
        return advise(self.train)

    @cached_property
    def plain(self) -> NDArray[np.bool_]:
        """Which training rows are patches of images without structure, `(n,)`."""
        data, index = self.data, self.index.train
        if data.patches is None or data.schema.spatial != 2:
            return np.zeros(len(index), dtype=np.bool_)
        if data.source.in_memory:
            return plain(structure(self.arranged))
        found, training = np.zeros((len(data), 2)), np.zeros(len(data), dtype=np.bool_)
        training[index] = True
        for rows in data.source.blocks():
            numbers = np.asarray(rows)[training[np.asarray(rows)]]
            found[numbers] = structure(data.schema.arrange(data.source.chosen(rows, training)))
        return plain(found[index])

    @cached_property
    def drawn(self) -> Drawn:
        """Which of them an epoch takes, where patches without structure are drawn less often."""
        return Drawn(self.plain)

    @property
    def held_out_size(self) -> int:
        """The number of held-out rows, of a graph that of held-out edges."""
        return len(self.held_out) if self.index.held_out is None else len(self.index.held_out)

    @property
    def numbers(self) -> Index:
        """The row number of each held-out row, in the data, or in their test part if they have one."""
        return np.arange(len(self.held_out)) if self.index.held_out is None else self.index.held_out

    def scaled(self, scaler: Scaler) -> ScaledParts:
        """The training and held-out rows, checked and scaled.

        Raises:
            InputError: as `Scaler.check`.
        """
        return ScaledParts(prepare(scaler, self.train), prepare(scaler, self.held_out))

    def training_blocks(self) -> Iterator[Array]:
        """All training rows, not scaled, in blocks that fit into memory; none is empty."""
        if self.data.source.in_memory:
            yield self.train.array
            return
        is_training = np.zeros(len(self.data), dtype=np.bool_)
        is_training[self.index.train] = True
        for rows in self.data.source.blocks():
            if is_training[np.asarray(rows)].any():
                yield self.data.source.chosen(rows, is_training)


def prepare(scaler: Scaler, rows: Data) -> Scaled:
    """All `rows`, and the noisy ones of pairs, checked and scaled."""
    given = None if rows.noisy is None else scaler.prepare(rows.noisy).x
    return replace(scaler.prepare(rows.source), given=given)


def split_data(data: Data, seed: int) -> SplitData:
    """Split `data`; rows of a group stay in one part.

    Raises:
        InputError: when a part would have no rows or groups.
    """
    index = data.parts(seed)
    train = data.training(index.train)
    held_out = data.held_out if index.held_out is None else data.judged(index, index.held_out, (seed, 2))
    return SplitData(data, index, train, held_out, seed)
