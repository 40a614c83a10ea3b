"""The cells of a table as whole numbers: the rank of a cell among the different cells of its column.

Any real number comes back exactly, because the different cells of a column are in the file: as differences of
whole numbers where they have a few decimals, else bit by bit.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from narrows.data.columns import Column, model_order
from narrows.data.schema import Array
from narrows.model.distributions import Alphabet, Distribution, Integers, Listed, Reals, on_grid
from narrows.model.losses import Loss
from narrows.runs.run import Run
from narrows.tasks.compression.bits_back import some_of
from narrows.tasks.compression.exact import exactly
from narrows.tasks.compression.symbols import Group, Symbols, of_planes, planes

MOST_LEVELS = 1024
"""Of a column of up to so many different cells, the file says how frequent each is."""

MOST_DECIMALS = 9
"""Decimals that are looked for; cells with more are kept bit by bit."""

SAMPLE = 5000
"""Rows, at the most, from which it is found how frequent cells are beside what the model says."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The different cells of a column.

    Attributes:
        levels: in growing order, `(k,)`.
        missing: how many cells are missing.
        present: how many are not.
        tilt: how much more frequent each is than the model says, in eighths of a power of 2; none where they
            are many.
    """

    levels: Reals
    missing: int
    present: int
    tilt: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))

    @property
    def weights(self) -> Reals:
        """The factors of the frequencies, multiples of 2^-16."""
        return on_grid(np.exp2(self.tilt / 8), 2**16).clip(2.0**-16)


@dataclass(frozen=True, eq=False)
class TableSymbols(Symbols):
    """Rows of a table: one number for each column.

    Attributes:
        run: whose data they are.
        cells: of each column.
        dtype: of the values as they came.
    """

    run: Run
    cells: tuple[Cells, ...]
    dtype: np.dtype[Any]

    @property
    def k(self) -> int:  # type: ignore[override]
        return len(self.cells)

    def numbers(self, values: Array) -> Integers:
        x = values.astype(np.float64)
        ranks = [np.searchsorted(c.levels, column) for c, column in zip(self.cells, x.T, strict=True)]
        return np.where(np.isnan(x), -1, np.stack(ranks, axis=1)).astype(np.int64)

    def values(self, numbers: Integers) -> Array:
        return self.reals(numbers).astype(self.dtype)

    def reals(self, numbers: Integers) -> Reals:
        """The cells `(n, columns)`, NaN where they are missing."""
        found = np.full(numbers.shape, np.nan)
        for j, cells in enumerate(self.cells):
            there = numbers[:, j] >= 0
            found[there, j] = cells.levels[numbers[there, j]]
        return found

    @cached_property
    def on_scale(self) -> list[tuple[slice, Tensor]]:
        """The places of each column in the model's layout, and the values of its cells, `(k + 1, width)`.

        The last are 0, for missing cells. Each is computed once, so that it is the same at every place.
        """
        found = [(slice(0), torch.empty(0))] * self.k
        for j, start in self.placed:
            where = slice(start, start + self.run.schema.columns[j].width)
            levels = self.scaled_levels[: len(self.cells[j].levels), where]
            found[j] = (where, functional.pad(levels, (0, 0, 0, 1)))
        return found

    @cached_property
    def scaled_levels(self) -> Tensor:
        """The cells of all columns side by side on the model's scale, `(most, width)` float64; else 0."""
        rows = np.full((max(len(cells.levels) for cells in self.cells), self.k), np.nan)
        for j, cells in enumerate(self.cells):
            rows[: len(cells.levels), j] = cells.levels
        arranged = self.run.schema.to_model(torch.as_tensor(rows))
        scaled = self.run.scaling.without_constants(self.run.scaling(arranged))
        return scaled.double().nan_to_num()

    @property
    def placed(self) -> list[tuple[int, int]]:
        """The columns in the order in which they are coded, each with the place of its first value."""
        starts = self.run.schema.starts
        assert starts is not None
        return [(j, int(s)) for j, s in zip(model_order(self.run.schema.columns), starts, strict=True)]

    def x(self, numbers: Integers) -> Tensor:
        x = torch.zeros(len(numbers), self.run.schema.size, dtype=torch.float64)
        for j, (where, scaled) in enumerate(self.on_scale):
            x[:, where] = scaled[numbers[:, j]]
        return x

    def put(self, x: Tensor, numbers: Integers, group: Group) -> None:
        where, scaled = self.on_scale[int(group.columns[0])]
        x[:, where] = scaled[numbers[:, int(group.columns[0])]]

    def groups(self, loss: Loss) -> Iterator[Group]:
        yield from self.each_column

    @cached_property
    def each_column(self) -> list[Group]:
        """The group of each column, in the order in which they are coded."""
        found, between = [], self.ends_between
        for j, start in self.placed:
            column, levels = self.run.schema.columns[j], self.cells[j].levels
            width = column.width if column.nature == "category" else 1
            edges = between[: len(levels) - 1, start]
            alphabet = Alphabet(len(levels), lambda v, e=edges: e[v - 1])  # type: ignore[misc]
            found.append(Group(np.array([j]), torch.arange(start, start + width), alphabet))
        return found

    @property
    def ends_between(self) -> Reals:
        """The middles between neighbouring cells of each column of numbers on the model's scale."""
        rows = torch.zeros(max(len(cells.levels) for cells in self.cells), self.run.schema.size).double()
        for j, start in self.placed:
            if not self.run.schema.columns[j].levels:
                rows[: len(self.cells[j].levels), start] = torch.as_tensor(self.cells[j].levels)
        scaled = self.run.scaling(rows).double().numpy()
        return on_grid((scaled[1:] + scaled[:-1]) / 2, 2**26)

    def chances(self, column: int) -> Integers | None:
        cells = self.cells[column]
        return np.array([cells.missing, cells.present]).clip(1) if cells.missing else None

    def adapted(self, distribution: Distribution, group: Group) -> Distribution:
        cells = self.cells[int(group.columns[0])]
        return tilted(distribution, cells.weights) if len(cells.tilt) else distribution

    def to_bytes(self) -> bytes:
        parts = [in_bytes(cells) for cells in self.cells]
        about = {"dtype": self.dtype.str, "columns": [each for each, _ in parts]}
        text = json.dumps(about, separators=(",", ":")).encode()
        content = len(text).to_bytes(4, "little") + text + b"".join(rest for _, rest in parts)
        return lzma.compress(content, lzma.FORMAT_ALONE, preset=9)

    @classmethod
    def from_bytes(cls, run: Run, content: bytes) -> TableSymbols:
        """Those of a file, of which `to_bytes` gave `content`."""
        plain = lzma.decompress(content, lzma.FORMAT_ALONE)
        start = 4 + int.from_bytes(plain[:4], "little")
        about = json.loads(plain[4:start])
        cells = []
        for each in about["columns"]:
            found, start = of_bytes(each, plain, start)
            cells.append(found)
        return cls(run, tuple(cells), np.dtype(about["dtype"]))

    @classmethod
    def of(cls, run: Run, values: Array) -> TableSymbols:
        """Those of a table `values (n, columns)`."""
        x = values.astype(np.float64)
        columns = zip(x.T, run.schema.columns, strict=True)
        plain = cls(run, tuple(different(cells, column) for cells, column in columns), values.dtype)
        return cls(run, plain.with_tilts(plain.numbers(values)), values.dtype)

    def with_tilts(self, numbers: Integers) -> tuple[Cells, ...]:
        """The cells of each column with what the model does not say of their frequencies."""
        rows = numbers[:: max(1, len(numbers) // SAMPLE)]
        found = list(self.cells)
        x = self.x(rows)
        with exactly(self.run) as model:
            z = model.bottleneck.encode(model.encoder(x, {}), {})
            y = model.decoder(z.reshape(-1, *model.bottleneck.code_shape), (), {})
            known = model.loss.given(y, x)
            for group in self.groups(model.loss):
                j = int(group.columns[0])
                there = rows[:, j] >= 0
                cells = self.cells[j]
                if 1 < len(cells.levels) <= MOST_LEVELS and there.any():
                    given = known.distribution(group.places, group.alphabet, some_of(there))
                    counts = np.bincount(rows[there, j], minlength=len(cells.levels))
                    tilt = tilt_of(masses(given), counts)
                    found[j] = Cells(cells.levels, cells.missing, cells.present, tilt)
        return tuple(found)


def different(cells: Reals, column: Column) -> Cells:
    """The different cells `(n,)` of a column; of words all levels."""
    there = cells[~np.isnan(cells)]
    levels = np.arange(float(len(column.levels))) if column.levels else np.unique(there) + 0.0
    return Cells(levels if len(levels) else np.zeros(1), len(cells) - len(there), len(there))


def masses(distribution: Distribution) -> Reals:
    """The probability of every value, `(n, levels)`."""
    levels = distribution.levels
    ends = [distribution.below(np.full(distribution.n, value)) for value in range(levels + 1)]
    whole = np.stack(ends, axis=1)
    return np.diff(whole, axis=1) / whole[:, -1:]


def tilted(distribution: Distribution, weights: Reals) -> Distribution:
    """A distribution whose frequencies are multiplied by `weights (levels,)`, and 1 at the least."""
    product = masses(distribution) * weights
    whole = np.cumsum(product, axis=1)[:, -1:]  # in this order on every machine
    return Listed(1 + np.floor(product / whole * 2**22).astype(np.int64))


def tilt_of(p: Reals, counts: Integers) -> NDArray[np.int8]:
    """Eighths of powers of 2 by which frequencies `p (n, levels)` have to be multiplied to sum to `counts`.

    By iterative proportional fitting (Deming & Stephan 1940, Ann. Math. Stat. 11).
    """
    weights = np.ones(p.shape[1])
    for _ in range(5):
        product = p * weights
        weights = weights * (counts + 0.05) / (product / product.sum(axis=1, keepdims=True)).sum(axis=0)
    weights /= np.exp(np.log(weights).mean())
    return np.rint(8 * np.log2(weights)).clip(-127, 127).astype(np.int8)


def in_bytes(cells: Cells) -> tuple[list[int], bytes]:
    """A description of the cells of a column as numbers, and its bytes."""
    decimals, whole = as_whole(cells.levels)
    steps = np.diff(whole, prepend=0)
    about = [len(cells.levels), decimals, cells.missing, cells.present, len(cells.tilt)]
    return about, planes(steps) + cells.tilt.tobytes()


def of_bytes(about: list[int], content: bytes, start: int) -> tuple[Cells, int]:
    """The cells that `in_bytes` described, and where their bytes in `content` end."""
    n, decimals, missing, present, tilts = about
    end = start + 8 * n
    whole = np.cumsum(of_planes(content[start:end]))
    levels = whole.view(np.float64) if decimals < 0 else whole / 10.0**decimals
    if decimals < 0:
        levels = np.where(whole < 0, (np.int64(-(2**63)) - whole).view(np.float64), levels)
    tilt = np.frombuffer(content[end : end + tilts], np.int8)
    return Cells(np.asarray(levels, np.float64), missing, present, tilt), end + tilts


def as_whole(levels: Reals) -> tuple[int, Integers]:
    """Numbers as whole numbers that grow with them, and their decimals; -1 for bit by bit."""
    for decimals in range(MOST_DECIMALS + 1):
        with np.errstate(over="ignore"):
            scaled = levels * 10.0**decimals
        if np.abs(scaled).max() < 2**52 and np.array_equal(np.rint(scaled) / 10.0**decimals, levels):
            return decimals, np.rint(scaled).astype(np.int64)
    bits = levels.view(np.int64)
    return -1, np.where(bits < 0, np.int64(-(2**63)) - bits, bits)
