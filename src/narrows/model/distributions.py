"""Distributions of whole numbers whose frequencies are whole numbers too, the same on every machine.

An entropy coder needs the same frequencies when it writes and when it reads. Only +, -, × and / of IEEE
floats are the same everywhere; exp, log and sums of matrix products are not. So what a network computes is
rounded to a coarse grid (`on_grid`) before it is used here, and normal and logistic distributions come from
tables of whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]

UNIT = 2**30
"""The frequency that stands for the probability 1 in the tables."""

REACH = 24
"""The tables go from -24 to 24 standard units."""

PER_UNIT = 256
"""Entries of a table for each standard unit; between them they are interpolated linearly."""


class Stack(Protocol):
    """What values are pushed on, and popped from in the reverse order, by their distributions."""

    def push(self, values: Integers, distribution: Distribution) -> None: ...

    def pop(self, distribution: Distribution) -> Integers: ...


class Alphabet(NamedTuple):
    """The values that can occur, as the numbers 0 to `levels` - 1.

    Attributes:
        levels: how many there are.
        edges: a function from numbers `(n,)` of 1 or more to places on the model's scale: the ends between
            each value and that before it. They are the same on every machine.
    """

    levels: int
    edges: Callable[[Integers], Reals]


class Distribution:
    """Independent distributions of `n` values, each from 0 to 2^depth - 1.

    Attributes:
        depth: how many bits a value has.
        levels: how many values there are; larger ones have no frequency.
        n: how many values.
    """

    depth: int
    levels: int
    n: int

    def below(self, values: Integers) -> Integers:
        """The total frequency of all values below each of `values (n,)`, which are from 0 to 2^depth.

        It is 0 for 0, and grows by 1 or more with each possible value; it stays below 2^53.
        """
        raise NotImplementedError


class Uniform(Distribution):
    """Each of the `n` values is one of `levels` with the same frequency."""

    def __init__(self, n: int, levels: int) -> None:
        self.n, self.levels, self.depth = n, levels, bits_for(levels)

    def below(self, values: Integers) -> Integers:
        return np.minimum(values, self.levels)


class Listed(Distribution):
    """The frequency of each value is given.

    Args:
        frequencies: whole numbers of 1 or more, `(n, levels)`, or `(levels,)` for `n` values alike.
        n: the number of values; needed for `(levels,)` only.
    """

    def __init__(self, frequencies: Integers, n: int | None = None) -> None:
        ends = np.cumsum(frequencies, axis=-1, dtype=np.int64)
        self.ends = np.concatenate([np.zeros_like(ends[..., :1]), ends], axis=-1)
        self.levels = frequencies.shape[-1]
        self.n = len(frequencies) if n is None else n
        self.depth = bits_for(self.levels)

    def below(self, values: Integers) -> Integers:
        known = np.minimum(values, self.levels)
        return self.ends[known] if self.ends.ndim == 1 else self.ends[np.arange(self.n), known]


class Binned(Distribution):
    """A mixture of continuous distributions on the real line, cut into bins; all numbers are on a grid.

    F(v) = Σ_k w_k C((edge_v - m_k) r_k) + v·leak, with C a table. The first bin begins at -∞ and the last
    one ends at ∞.

    Args:
        alphabet: the bins.
        table: of C, from `normal` or `logistic`.
        means: m `(n, k)`.
        rates: r `(n, k)`, one divided by the width.
        weights: w, whole numbers of 1 or more with a sum of `MOST_WEIGHT` at the most, `(n, k)`.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        table: Integers,
        means: Reals,
        rates: Reals,
        weights: Integers,
    ) -> None:
        self.levels, self.edges, self.table = alphabet.levels, alphabet.edges, table
        self.means, self.rates, self.weights = means, rates, weights
        self.n, self.depth = len(means), bits_for(self.levels)
        self.whole = weights.sum(axis=1) * UNIT
        self.leak = np.maximum(self.whole >> (LEAK + self.depth), 1)

    def below(self, values: Integers) -> Integers:
        known = np.minimum(values, self.levels)
        inside = (known > 0) & (known < self.levels)
        mass = np.zeros(self.n, np.int64)
        if not inside.any():
            return np.where(known > 0, self.whole, 0) + known * self.leak
        edge = self.edges(np.where(inside, known, 1))
        for k in range(self.means.shape[1]):
            mass += self.weights[:, k] * looked_up(self.table, (edge - self.means[:, k]) * self.rates[:, k])
        mass = np.where(inside, mass, np.where(known > 0, self.whole, 0))
        return mass + known * self.leak


class Counted(Distribution):
    """Poisson distributions of counts.

    The frequencies of a mean follow from that of the count next to it, p(c) = p(c - 1) · mean / c, outwards
    from 2^30 at the count below the mean, so that nothing overflows. Means are rounded to (i / 32)², which
    costs less than .0005 nats, and equal ones share their frequencies.

    Args:
        alphabet: the values.
        counts: a function from numbers `(n,)` of 1 or more to the counts that are below these values.
        means: `(n,)`, above 0.
    """

    def __init__(self, alphabet: Alphabet, counts: Callable[[Integers], Integers], means: Reals) -> None:
        self.levels, self.counts = alphabet.levels, counts
        self.n, self.depth = len(means), bits_for(self.levels)
        roots = on_grid(np.sqrt(means).clip(1 / ROOTS, MOST_ROOT), ROOTS)
        different, self.row = np.unique(roots, return_inverse=True)
        self.first, self.ends = poisson_ends(different)
        self.whole = self.ends[self.row, -1]
        self.leak = np.maximum(self.whole >> (LEAK + self.depth), 1)

    def below(self, values: Integers) -> Integers:
        known = np.minimum(values, self.levels)
        place = self.counts(known.clip(1)) - self.first[self.row]
        mass = self.ends[self.row, place.clip(0, self.ends.shape[1] - 1)]
        mass = np.where(known == 0, 0, np.where(known == self.levels, self.whole, mass))
        return np.asarray(mass + known * self.leak)


ROOTS = 32
"""The square roots of the means of a `Counted` distribution are multiples of 1/32."""

MOST_ROOT = 512.0
"""The largest square root of a mean."""

WIDTH = 10
"""Standard deviations on each side of a mean within which counts have a frequency of their own."""


def poisson_ends(roots: Reals) -> tuple[Integers, Integers]:
    """The lowest count with a frequency, `(m,)`, and the total frequencies below it and those after it.

    Args:
        roots: of the means, `(m,)`.

    Returns:
        The counts, and `(m, width + 1)` frequencies.
    """
    means, middle = roots * roots, np.floor(roots * roots)
    reach = WIDTH * int(np.ceil(roots.max())) + WIDTH
    up, down = [np.ones(len(roots))], [np.ones(len(roots))]
    for j in range(1, reach + 1):
        up.append(up[-1] * means / (middle + j))
        down.append(down[-1] * (middle - j + 1).clip(0) / means)
    shares_of_middle = np.stack([*down[:0:-1], *up], axis=1)
    frequencies = np.floor(shares_of_middle * UNIT).astype(np.int64)
    ends = np.concatenate([np.zeros((len(roots), 1), np.int64), frequencies.cumsum(axis=1)], axis=1)
    return middle.astype(np.int64) - reach, ends


def binned(
    alphabet: Alphabet, table: Integers, means: Reals, log_rates: Reals, weights: Integers | None = None
) -> Binned:
    """A `Binned` distribution of `n` values from numbers that a network computed, which are rounded.

    Args:
        alphabet: the bins.
        table: from `normal` or `logistic`.
        means: `(n, k)` on the model's scale.
        log_rates: the logarithms of one divided by the width, `(n, k)`.
        weights: as those of `Binned`; None for one component.
    """
    rates = on_grid(np.exp(on_grid(log_rates, 64).clip(-20, 20)), 2**12).clip(2.0**-12)
    whole = np.full(means.shape, MOST_WEIGHT) if weights is None else weights
    return Binned(alphabet, table, on_grid(means, 2**16), rates, whole)


LEAK = 12
"""The share of the frequencies that all values of a `Binned` distribution have alike is 2^-12."""

MOST_WEIGHT = 2**12
"""The largest sum of the weights of a mixture, so that frequencies stay below 2^53."""


def bits_for(levels: int) -> int:
    """How many bits the numbers below `levels` have.

    >>> [bits_for(levels) for levels in (1, 2, 3, 256, 257)]
    [0, 1, 2, 8, 9]
    """
    return (levels - 1).bit_length()


def on_grid(values: Reals, per_unit: int) -> Reals:
    """`values` rounded to multiples of 1/`per_unit`, a power of 2."""
    return np.rint(np.asarray(values, dtype=np.float64) * per_unit) / per_unit


def shares(p: Reals, total: int = MOST_WEIGHT) -> Integers:
    """Probabilities `(n, k)` as whole numbers of 1 or more, about `total` together, and never more."""
    k = p.shape[1]
    return 1 + np.floor(on_grid(p, 2**20) * (total - k)).astype(np.int64).clip(0, total - k)


@cache
def logistic() -> Integers:
    """The table of 1 / (1 + exp(-t))."""
    return tabled(expit)


@cache
def normal() -> Integers:
    """The table of the standard normal distribution."""
    return tabled(ndtr)


def tabled(cdf: Callable[[Reals], Reals]) -> Integers:
    """A distribution function at steps of 1 / `PER_UNIT`, in units of 1 / `UNIT`; the last entry is doubled.

    It is computed below 0 only, and is symmetric.
    """
    lower = np.rint(cdf(np.arange(-REACH * PER_UNIT, 0) / PER_UNIT) * UNIT).astype(np.int64)
    return np.concatenate([lower, [UNIT // 2], UNIT - lower[::-1], UNIT - lower[:1]])


def looked_up(table: Integers, t: Reals) -> Integers:
    """The interpolated entries of `table` at `t`, by operations that are the same on every machine."""
    place = (np.clip(t, -REACH, REACH) + REACH) * PER_UNIT
    index = place.astype(np.int64)
    low = table[index]
    return low + ((table[index + 1] - low) * (place - index)).astype(np.int64)
