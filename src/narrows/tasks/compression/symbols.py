"""Examples as whole numbers, and back; each number is coded under a distribution."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.numbers import number
from narrows.core.records import Grid
from narrows.data.regular_values import MOST_LEVELS, at_places, places
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

    def within(self, extent: tuple[int, int] | None) -> Symbols:
        """These, for images of which an `extent` is coded; see `GridSymbols`."""
        return self

    def chances(self, column: int) -> Integers | None:
        """How many cells of a column are missing, and how many are not; None where none is."""
        return None

    def to_bytes(self) -> bytes:
        """What a reader needs beside the run."""
        return b""


@dataclass(frozen=True, eq=False)
class GridSymbols(Symbols):
    """Values on a grid, such as pixels of 8 or 16 bits: one number for each value.

    Attributes:
        run: whose data they are.
        first: how many steps above the lowest value of the run's grid the lowest value of the file lies.
        kept: the values that the numbers 0, 1, … stand for, as they are stored, `(levels,)`.
        extent: of images, height and width of the pixels that are coded; others repeat the last row and
            column of these. None for all.
    """

    run: Run
    first: int
    kept: Array
    extent: tuple[int, int] | None = None

    @classmethod
    def of(cls, run: Run, values: Array) -> GridSymbols:
        """Those of examples `values (n, *shape)`.

        Raises:
            InputError: for values that are not on the grid of the run.
        """
        grid = stored_grid(run)
        found = places(grid, values) if alike(values.dtype, np.dtype(run.schema.dtype)) else None
        if found is None:
            raise InputError(not_on(run, grid))
        first, last = int(found.min()), int(found.max())
        if last - first >= MOST_LEVELS or (grid.levels == 2 and not 0 <= first <= last <= 1):
            raise InputError(not_on(run, grid))
        kept = typed(at_places(grid, np.arange(first, last + 1)), values.dtype)
        kept[found - first] = values
        if not np.array_equal(kept[found - first], values):
            raise InputError(
                f"The data hold values that differ by less than a step, which is {number(grid.step)}, as "
                f"rounding leaves them; round them first, as numpy.round(values, 6) does."
            )
        return cls(run, first, typed(kept, values.dtype))

    @property
    def grid(self) -> Grid:
        """The grid of the run on the model's scale."""
        found = self.run.scaling.grid
        assert found is not None
        return found

    @property
    def k(self) -> int:  # type: ignore[override]
        return self.run.schema.size

    def numbers(self, values: Array) -> Integers:
        found = places(stored_grid(self.run), self.run.schema.arrange(values))
        assert found is not None
        return found.reshape(len(values), -1) - self.first

    def put(self, x: Tensor, numbers: Integers, group: Group) -> None:
        if self.extent is not None:
            repeated = np.flatnonzero(np.isin(self.sources, group.columns))
            numbers[:, repeated] = numbers[:, self.sources[repeated]]
            x.flatten(1)[:, repeated] = self.on_scale(numbers[:, repeated])
            return
        x.flatten(1)[:, group.places] = self.on_scale(numbers[:, group.columns])

    def within(self, extent: tuple[int, int] | None) -> GridSymbols:
        return replace(self, extent=None if extent == self.run.schema.model_shape[1:] else extent)

    @cached_property
    def sources(self) -> Integers:
        """Of each place in the model's layout, flat, that whose value it has: itself, or one in `extent`."""
        shape = self.run.schema.model_shape
        numbered = np.arange(self.k).reshape(shape)
        if self.extent is None:
            return numbered.ravel()
        ends = zip(shape[1:], self.extent, strict=True)
        rows, columns = (np.minimum(np.arange(length), end - 1) for length, end in ends)
        return numbered[:, rows[:, None], columns].ravel()

    def x(self, numbers: Integers) -> Tensor:
        return self.on_scale(numbers).reshape(-1, *self.run.schema.model_shape)

    def on_scale(self, numbers: Integers) -> Tensor:
        """The values of `numbers` of any shape on the model's scale."""
        return self.grid.low + self.grid.step * (torch.as_tensor(numbers).double() + self.first)

    def values(self, numbers: Integers) -> Array:
        schema = self.run.schema
        whole = schema.from_model(torch.as_tensor(numbers).reshape(-1, *schema.model_shape)).numpy()
        return np.asarray(self.kept[whole])

    def edges(self, numbers: Integers) -> Reals:
        """The ends between each value and that before it."""
        return np.asarray(self.grid.low + (self.first + numbers - 0.5) * self.grid.step, dtype=np.float64)

    def groups(self, loss: Loss) -> Iterator[Group]:
        alphabet = Alphabet(len(self.kept), self.edges)
        own = torch.as_tensor(self.sources == np.arange(self.k))
        for together in loss.groups(self.run.schema.model_shape):
            if len(where := together[own[together]]):
                yield Group(where.numpy(), where, alphabet)

    def to_bytes(self) -> bytes:
        """The range of the values, and by how many units in the last place they differ from the grid."""
        plain = self.on_grid(self.run, self.first, len(self.kept), self.kept.dtype)
        off = as_bits(self.kept) - as_bits(plain)
        about = {"first": self.first, "levels": len(self.kept), "dtype": self.kept.dtype.str}
        text = json.dumps(about, separators=(",", ":")).encode()
        rest = lzma.compress(planes(off), lzma.FORMAT_ALONE, preset=9) if off.any() else b""
        return len(text).to_bytes(4, "little") + text + rest

    @classmethod
    def from_bytes(cls, run: Run, content: bytes) -> GridSymbols:
        """Those of a file, of which `to_bytes` gave `content`."""
        end = 4 + int.from_bytes(content[:4], "little")
        about = json.loads(content[4:end])
        dtype = np.dtype(about["dtype"])
        kept = cls.on_grid(run, about["first"], about["levels"], dtype)
        if content[end:]:
            off = of_planes(lzma.decompress(content[end:], lzma.FORMAT_ALONE))
            kept = (as_bits(kept) + off).astype(f"<i{dtype.itemsize}").view(dtype)
        return cls(run, about["first"], kept)

    @staticmethod
    def on_grid(run: Run, first: int, levels: int, dtype: np.dtype[Any]) -> Array:
        """The values of the run's grid from the `first` step on, as the type `dtype`."""
        return typed(at_places(stored_grid(run), np.arange(first, first + levels)), dtype)


def stored_grid(run: Run) -> Grid:
    """The grid of the values of a run, as they are stored.

    Raises:
        InputError: for values on none.
    """
    if run.scaling.grid is None or run.scaling.stored_grid is None:
        raise InputError(
            "Without loss are compressed tables, and images whose values lie on one grid of up to 65,536 "
            "steps, as whole numbers of 16 bits do, but the run was fitted to others; numpy.savez_compressed "
            "writes them without loss."
        )
    return run.scaling.stored_grid


def not_on(run: Run, grid: Grid) -> str:
    """The message about values that are not those of the run."""
    if grid.levels == 2:
        return "The data hold values that are not of the two kinds that the run was fitted to."
    return (
        f"The data hold values that are not those of the run, {run.schema.dtype} in steps of "
        f"{number(grid.step)}, in a range of up to 65,536 steps; fit a run to these."
    )


def alike(came: np.dtype[Any], fitted: np.dtype[Any]) -> bool:
    """Whether numbers of both types mean the same."""
    return came == fitted or came.kind == fitted.kind == "f"


def typed(values: Reals | Array, dtype: np.dtype[Any]) -> Array:
    """`values` as the type `dtype`, whole ones rounded; -0 is 0."""
    return np.asarray((np.rint(values) if dtype.kind in "iu" else values) + 0.0).astype(dtype)


def as_bits(values: Array) -> Integers:
    """The bits of floats as whole numbers, which grow by 1 with the last place; other types as 0."""
    if values.dtype.kind != "f":
        return np.zeros(len(values), np.int64)
    return values.astype(values.dtype.newbyteorder("<")).view(f"<i{values.dtype.itemsize}").astype(np.int64)


def planes(whole: Integers) -> bytes:
    """Numbers `(n,)` with their first bytes side by side, then their second ones, and so on."""
    return whole.astype("<i8").view(np.uint8).reshape(-1, 8).T.tobytes()


def of_planes(content: bytes) -> Integers:
    """The numbers of which `planes` gave `content`."""
    turned = np.frombuffer(content, np.uint8).reshape(8, -1).T
    return np.ascontiguousarray(turned).view("<i8")[:, 0].astype(np.int64)
