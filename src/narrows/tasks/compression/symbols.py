"""Examples as whole numbers, and back; each number is coded under a distribution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Grid
from narrows.data.limits import whole_type
from narrows.data.schema import Array
from narrows.model.distributions import Alphabet, Distribution, Integers, Reals
from narrows.model.losses import Loss
from narrows.runs.run import Run


class Group(NamedTuple):
    """Numbers that are coded together.

    Attributes:
        columns: which of an example's numbers, `(m,)`.
        places: where their values are in the model's layout, flat, `(m,)`.
        alphabet: what the numbers can be.
    """

    columns: Integers
    places: Tensor
    alphabet: Alphabet


class Symbols:
    """Examples as `k` whole numbers each.

    A number of -1 is a missing cell.
    """

    k: int

    def numbers(self, values: Array) -> Integers:
        """The whole numbers `(n, k)` of examples `(n, *shape)`.

        Raises:
            InputError: for values that cannot occur.
        """
        raise NotImplementedError

    def values(self, numbers: Integers) -> Array:
        """The examples of whole `numbers (n, k)`, as they came."""
        raise NotImplementedError

    def x(self, numbers: Integers) -> Tensor:
        """The examples on the model's scale, `(n, *model_shape)` float64; 0 for missing cells."""
        raise NotImplementedError

    def put(self, x: Tensor, numbers: Integers, group: Group) -> None:
        """Write the values of `group` into the examples `x` on the model's scale."""
        raise NotImplementedError

    def groups(self, loss: Loss) -> Iterator[Group]:
        """The numbers in the order in which they are decoded."""
        raise NotImplementedError

    def adapted(self, distribution: Distribution, group: Group) -> Distribution:
        """The `distribution` of a group as the file as a whole changes it."""
        return distribution

    def chances(self, column: int) -> Integers | None:
        """How many cells of a column are missing, and how many are not; None where none is."""
        return None

    def to_bytes(self) -> bytes:
        """What a reader needs beside the run."""
        return b""


@dataclass(frozen=True)
class GridSymbols(Symbols):
    """Values on a grid, such as pixels of 8 or 16 bits: one number for each value.

    Attributes:
        run: whose data they are.
        grid: on the model's scale.
    """

    run: Run
    grid: Grid

    @property
    def k(self) -> int:  # type: ignore[override]
        return self.run.schema.size

    def numbers(self, values: Array) -> Integers:
        x = self.run.scaling(torch.as_tensor(self.run.schema.arrange(values))).double()
        steps = torch.round((x - self.grid.low) / self.grid.step).clamp(0, self.grid.levels - 1)
        numbers = steps.flatten(1).numpy().astype(np.int64)
        if values.dtype != np.dtype(self.run.schema.dtype) or not np.array_equal(
            self.values(numbers), values
        ):
            kinds = "of the two kinds" if self.grid.levels == 2 else f"of the type {self.run.schema.dtype}"
            raise InputError(f"The data hold values that are not {kinds} that the run was fitted to.")
        return numbers

    def put(self, x: Tensor, numbers: Integers, group: Group) -> None:
        values = self.grid.low + self.grid.step * torch.as_tensor(numbers[:, group.columns]).double()
        x.flatten(1)[:, group.places] = values

    def x(self, numbers: Integers) -> Tensor:
        values = self.grid.low + self.grid.step * torch.as_tensor(numbers).double()
        return values.reshape(-1, *self.run.schema.model_shape)

    def values(self, numbers: Integers) -> Array:
        schema, scaling = self.run.schema, self.run.scaling
        ends = whole_type(schema.dtype, scaling.precision)
        return schema.restore(self.x(numbers), scaling, limits=ends).numpy()

    def edges(self, numbers: Integers) -> Reals:
        """The ends between each value and that before it."""
        return np.asarray(self.grid.low + (numbers - 0.5) * self.grid.step, dtype=np.float64)

    def groups(self, loss: Loss) -> Iterator[Group]:
        alphabet = Alphabet(self.grid.levels, self.edges)
        for places in loss.groups(self.run.schema.model_shape):
            yield Group(places.numpy(), places, alphabet)


def grid_of(run: Run) -> Grid | None:
    """The values that can occur, on the model's scale, where all have one scale."""
    return run.schema.domain(run.scaling).grid
