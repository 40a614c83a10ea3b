"""Compression without loss by a model with a likelihood: bits-back coding with asymmetric numeral systems.

For a chunk of examples x: pop codes z ~ q(z | x) from what was coded before, push x under p(x | z), push z
under p(z). The length is that of the negative evidence lower bound. A reader does the inverse, so that it
gets back the bits that z was popped from; the first chunk takes them from initial bits, which the file has.

Frey & Hinton 1997, "Efficient stochastic source coding and an application to a Bayesian network source
model", The Computer Journal 40; Townsend, Bird & Barber 2019, "Practical lossless compression with latent
variables using bits back coding", ICLR.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.records import Features
from narrows.model.build import Model
from narrows.model.distributions import Distribution, Integers, Listed
from narrows.model.losses.base import Given, Rows
from narrows.tasks.compression.coder import Coder
from narrows.tasks.compression.symbols import Group, Symbols

CHUNK = 1000
"""Examples whose networks are computed together, at the most."""

FIRST = 4
"""Examples of the first chunk, which takes its bits from the initial ones; the next are larger."""

MARGIN = 1.25
"""How many times the bits are at hand that the codes of a chunk take on average."""


class Coded(NamedTuple):
    """Compressed examples.

    Attributes:
        words: `(n,)` uint32, of the coder.
        sizes: of the chunks of each part, in the order in which they were coded.
        initial_bits: how many the first chunk began with.
    """

    words: NDArray[np.uint32]
    sizes: tuple[tuple[int, ...], ...]
    initial_bits: int


def initial_words(bits: int) -> NDArray[np.uint32]:
    """Random words, always the same, of at least `bits` bits; none for 0."""
    words = np.random.Generator(np.random.PCG64(0)).integers(1, 2**32, -(-bits // 32), dtype=np.uint64)
    return words.astype(np.uint32)


def compressed(
    model: Model, parts: Sequence[tuple[Symbols, Integers]], on_chunk: Callable[[int], None] | None = None
) -> Coded:
    """Compress whole numbers by an exact `model`.

    Args:
        model: as `exactly` gives it.
        parts: of the examples: whole numbers `(n, k)`, each with what they stand for.
        on_chunk: called with the number of examples that are done.

    Raises:
        InputError: for a model without the distributions that this needs.
    """
    per_example = model.bottleneck.drawn_bits
    seed = initial_words(int(MARGIN * FIRST * per_example) + 64 if per_example else 0)
    sizes: list[list[int]] = []
    coder, done = Coder(seed if len(seed) else None), 0
    for symbols, numbers in parts:
        sizes.append([])
        while len(numbers):
            size = FIRST if per_example else CHUNK
            if done and per_example:
                size = max(1, int((coder.bits - 64) / (MARGIN * per_example)))
            chunk, numbers = np.split(numbers, [min(size, CHUNK)])
            Chunk(model, symbols, coder).push(chunk)
            sizes[-1].append(len(chunk))
            done += len(chunk)
            if on_chunk is not None:
                on_chunk(done)
    return Coded(coder.words, tuple(map(tuple, sizes)), 32 * len(seed))


def decompressed(
    model: Model,
    kinds: Sequence[Symbols],
    coded: Coded,
    on_chunk: Callable[[int, int, Integers], None],
) -> NDArray[np.uint32]:
    """Decompress all chunks, the last first.

    Args:
        model: as `exactly` gives it.
        kinds: what the numbers of each part stand for.
        coded: the content.
        on_chunk: called with the number of a part, that of a chunk in it, and the chunk's whole numbers.

    Returns:
        What is left in the coder: the initial words, if all is well.
    """
    coder = Coder(coded.words)
    for i, symbols in reversed(list(enumerate(kinds))):
        for j in reversed(range(len(coded.sizes[i]))):
            on_chunk(i, j, Chunk(model, symbols, coder).pop(coded.sizes[i][j]))
    return coder.words


def some_of(there: NDArray[np.bool_]) -> Rows:
    """The examples that are `there`; all of them without a copy."""
    return slice(None) if there.all() else there


class Chunk:
    """Examples that are coded together."""

    def __init__(self, model: Model, symbols: Symbols, coder: Coder) -> None:
        self.model, self.symbols, self.coder = model, symbols, coder
        self.groups = list(symbols.groups(model.loss))

    def push(self, numbers: Integers) -> None:
        """Push the examples with whole `numbers (n, k)`."""
        x = self.symbols.x(numbers)
        codes = self.model.bottleneck.draw(self.features(x), self.coder)
        given = self.model.loss.given(self.outputs(codes), x)
        for group in reversed(self.groups):
            there = self.observed(numbers, group)
            rows = some_of(there)
            self.coder.push(numbers[:, group.columns][rows].flatten(), self.adapted(given, group, rows))
            if (frequencies := self.symbols.chances(group.columns[0])) is not None:
                self.coder.push(there.astype(np.int64), Listed(frequencies, len(there)))
        self.model.bottleneck.store(codes, self.coder)

    def pop(self, n: int) -> Integers:
        """The whole numbers `(n, k)` of `n` examples."""
        codes = self.model.bottleneck.fetch(n, self.coder)
        numbers = np.full((n, self.symbols.k), -1, np.int64)
        x = self.symbols.x(numbers)
        given = self.model.loss.given(self.outputs(codes), x)
        for group in self.groups:
            there = np.ones(n, dtype=np.bool_)
            if (frequencies := self.symbols.chances(group.columns[0])) is not None:
                there = self.coder.pop(Listed(frequencies, n)) > 0
            found = self.coder.pop(self.adapted(given, group, some_of(there)))
            found = found.reshape(-1, len(group.columns))
            numbers[np.flatnonzero(there)[:, None], group.columns] = found
            self.symbols.put(x, numbers, group)
        self.model.bottleneck.give_back(self.features(self.symbols.x(numbers)), codes, self.coder)
        return numbers

    def observed(self, numbers: Integers, group: Group) -> NDArray[np.bool_]:
        """Which examples have the values of `group`."""
        return numbers[:, group.columns[0]] >= 0

    def adapted(self, given: Given, group: Group, rows: Rows) -> Distribution:
        return self.symbols.adapted(given.distribution(group.places, group.alphabet, rows), group)

    def features(self, x: Tensor) -> Features:
        return self.model.encoder(x, {})

    def outputs(self, codes: Integers) -> Tensor:
        """The decoder's outputs `(n, …)`."""
        z = self.model.bottleneck.placed(codes).reshape(-1, *self.model.bottleneck.code_shape)
        return self.model.decoder(z, (), {})
