"""Compression with a loss: rounded coefficients of a code, coded under their learned distribution.

The whole numbers that coefficients round to are coded exactly, chunk by chunk, and a checksum of each chunk
is in the header. What is decoded of them is computed in floats, whose last digits depend on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.model.bottlenecks.passes import Mixture, Pass
from narrows.model.bottlenecks.rounded import Rounded
from narrows.model.distributions import (
    Alphabet,
    Binned,
    Distribution,
    Integers,
    Reals,
    logistic,
    on_grid,
    shares,
)
from narrows.runs.run import Run
from narrows.tasks.compression.coder import Coder
from narrows.tasks.compression.container import Container, to_bytes
from narrows.tasks.compression.exact import check_digest, check_stamp, digest, exactly, stamp
from narrows.tasks.compression.grids import chunks
from narrows.tasks.compression.lossless import Told
from narrows.tasks.compression.quantiser import Quantiser, check_rounds, rounded_in
from narrows.tasks.compression.stacks import Examples, Kind, Stacks
from narrows.tasks.compression.wishes import Lot, Wish, error_of, of_size, psnr

METHOD = "quantised"
"""What the header of a file calls this."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Data in a container.

    Attributes:
        container: what is written.
        psnr: of the data that it gives, in dB.
    """

    container: Container
    psnr: float


def pack(run: Run, examples: Examples, wish: Wish, told: Told = MappingProxyType({})) -> Packed:
    """Compress examples `(n, *schema.shape)` with the loss that a wish allows.

    Args:
        run: a fitted model whose bottleneck rounds.
        examples: all are brought into memory; images of any size where the code of the run grows with them.
        wish: how much may be lost.
        told: what the header says of them, too, as `ids`.

    Raises:
        InputError: for a run whose bottleneck does not round, and for a wish that it cannot fulfil.
    """
    check_rounds(run)
    stacks = Stacks.of(examples)
    return packed(run, [Lot.of(run, array) for array in stacks.arrays], wish, {**stacks.told(), **told})


def packed(run: Run, lots: Sequence[Lot], wish: Wish, header: Mapping[str, Any]) -> Packed:
    """As `pack`, of examples whose coefficients are known; `header` is a part of that of the file."""

    def make(s: float) -> Container:
        return coded(run, [lot.numbers(s) for lot in lots], s, header)

    wish.check()
    container = make(error_of(wish, lots)) if wish.bits is None else of_size(make, lots, wish.bits)
    return Packed(container, psnr(lots, container.header["error"]))


def summary(packed: Packed, examples: Examples) -> dict[str, Any]:
    """The size of a file of examples, beside theirs."""
    size, stacks = len(to_bytes(packed.container)), Stacks.of(examples)
    return {
        "bytes": size,
        "value_bytes": size,
        "original_bytes": stacks.nbytes,
        "bits_per_value": 8 * size / stacks.size,
        "psnr": packed.psnr,
        "n": len(stacks.which),
    }


def coded(run: Run, grids: Sequence[Array], s: float, header: Mapping[str, Any]) -> Container:
    """The container of rounded coefficients, in arrays `(n, *grid)`; `header` is a part of its header."""
    chosen = rounded_in(run.model)
    parts = [grids[chunk.stack][chunk.place] for chunk in chunks([grid.shape for grid in grids])]
    ends = [ends_of([part[chosen.region(which)] for part in parts]) for which in chosen.passes]
    with exactly(run) as model:
        words = [pushed(Coding(rounded_in(model), ends, s, part.shape), part) for part in parts]
    full = {
        "method": METHOD,
        **stamp(run),
        **header,
        "grids": [grid.shape for grid in grids],
        "error": s,
        "ends": ends,
        "words": [len(each) for each in words],
        "sums": [digest(part) for part in parts],
    }
    return Container(full, np.concatenate(words).astype("<u4").tobytes())


def unpack(
    run: Run, container: Container, name: str, on_chunk: Callable[[int], None] | None = None
) -> Stacks:
    """The examples in `container`, the content of the file `name`.

    Args:
        run: that compressed them.
        container: the content.
        name: of the file.
        on_chunk: called with the number of examples that are done.

    Raises:
        InputError: when another model compressed them, or this machine computes the model otherwise.
    """
    header, arrays = container.header, []
    kinds = map(Kind.from_json, header["kinds"])
    for grid, kind in zip(numbers_in(run, container, name, on_chunk), kinds, strict=True):
        quantiser = Quantiser.of(run, kind.shape, np.dtype(kind.dtype))
        arrays.append(quantiser.restored(grid, header["error"]))
    return Stacks.back(arrays, header)


def numbers_in(
    run: Run, container: Container, name: str, on_chunk: Callable[[int], None] | None = None
) -> list[Array]:
    """The rounded coefficients in a container, in arrays `(n, *grid)`; as `unpack`."""
    header = container.header
    check_stamp(header, run, name)
    words = np.split(
        np.frombuffer(container.payload, "<u4").astype(np.uint32), np.cumsum(header["words"])[:-1]
    )
    grids, done = [np.empty(shape, np.int32) for shape in header["grids"]], 0.0
    parts = zip(chunks(header["grids"]), words, header["sums"], strict=True)
    with exactly(run) as model:
        for chunk, some, wanted in parts:
            there = grids[chunk.stack][chunk.place]
            there[...] = popped(Coding(rounded_in(model), header["ends"], header["error"], there.shape), some)
            check_digest(there, wanted, header, name)
            done += len(there) * there[0].size / grids[chunk.stack][0].size
            if on_chunk is not None:
                on_chunk(round(done))
    return grids


def ends_of(parts: Sequence[Array]) -> tuple[int, int]:
    """The least and the greatest of whole numbers; 0 for none."""
    ends = [int(end) for part in parts if part.size for end in (part.min(), part.max())]
    return min(ends, default=0), max(ends, default=0)


@dataclass(frozen=True, eq=False)
class Coding:
    """How a chunk is coded: pass by pass, each under the distributions given the passes before.

    Attributes:
        bottleneck: in float64.
        ends: the least and the greatest number of each pass.
        s: the error.
        shape: of the chunk, `(n, *grid)`.
    """

    bottleneck: Rounded
    ends: Sequence[tuple[int, int]]
    s: float
    shape: tuple[int, ...]

    def passes(self) -> Iterator[tuple[tuple[slice, ...], Pass, int, int]]:
        """Where the numbers of each pass are, the pass, and its least and its greatest number.

        Passes without numbers are left out: a small image may have no place between two.
        """
        empty = np.empty(self.shape, np.bool_)
        for which, (low, high) in zip(self.bottleneck.passes, self.ends, strict=True):
            region = self.bottleneck.region(which)
            if empty[region].size:
                yield region, which, low, high

    def distribution(self, which: Pass, low: int, high: int, numbers: Array) -> Distribution:
        """Of the numbers of a pass, less `low`, given `numbers (n, *grid)` of the passes before."""
        s = torch.full((len(numbers),), self.s, dtype=torch.float64)
        y = torch.as_tensor(numbers) * self.bottleneck.step(s)
        return of_mixture(self.bottleneck.frequencies(which, y, s), low, high)


def pushed(coding: Coding, numbers: Array) -> Array:
    """The words of a chunk of `numbers (n, *grid)`."""
    coder = Coder()
    for region, which, low, high in reversed(list(coding.passes())):
        some = numbers[region].ravel() - low
        coder.push(some.astype(np.int64), coding.distribution(which, low, high, numbers))
    return coder.words


def popped(coding: Coding, words: Array) -> Array:
    """The inverse of `pushed`."""
    coder = Coder(words)
    numbers = np.zeros(coding.shape, np.int32)
    for region, which, low, high in coding.passes():
        found = coder.pop(coding.distribution(which, low, high, numbers))
        numbers[region] = found.reshape(numbers[region].shape) + low
    return numbers


def of_mixture(mixture: Mixture, low: int, high: int) -> Distribution:
    """The frequencies of whole numbers from `low` to `high`, less `low`, under mixtures in steps."""
    log_weight, mean, log_rate = (each.flatten(0, -2).numpy() for each in mixture)
    rates = on_grid(np.exp(on_grid(log_rate, 64).clip(-20, 20)), 2**12).clip(2.0**-12)
    weights = shares(np.exp(log_weight))
    alphabet = Alphabet(high - low + 1, partial(edge, low))
    return Binned(alphabet, logistic(), on_grid(mean, 2**12), rates, weights)


def edge(low: int, values: Integers) -> Reals:
    """The lower ends of the intervals that round to `low` and more."""
    return np.asarray(values + (low - 0.5), dtype=np.float64)
