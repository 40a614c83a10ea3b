"""Codes as numbers of bins, under distributions that an entropy coder takes."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import ndtri

from narrows.model.distributions import (
    Alphabet,
    Distribution,
    Integers,
    Reals,
    Stack,
    Uniform,
    binned,
    normal,
    on_grid,
)

BITS = 14
"""A latent dimension has 2^14 bins, of equal mass under a normal distribution."""


class Bins:
    """The bins of a latent dimension, of equal mass under N(0, `spread`²), which has to be on a grid.

    Townsend, Bird & Barber 2019, "Practical lossless compression with latent variables using bits back
    coding", ICLR. Finer bins cost nothing but initial bits.
    """

    def __init__(self, spread: float = 1.0) -> None:
        self.spread = spread
        self.alphabet = Alphabet(2**BITS, lambda number: quantiles()[2 * number] * spread)

    def middle(self, numbers: Integers) -> Reals:
        """The codes in the middle of the bins with these `numbers`."""
        return quantiles()[2 * numbers + 1] * self.spread


@cache
def quantiles() -> Reals:
    """Those of N(0, 1) at multiples of 1/2^15, on a grid; the first is not used."""
    half = 2 ** (BITS + 1)
    return on_grid(np.concatenate([[-9.0], ndtri(np.arange(1, half) / half)]), 2**20)


class Normals:
    """Normal distributions of codes `(n, d)`, dimension after dimension.

    z_i given z_1 … z_{i-1} has the mean m_i - Σ_j W_ij (z_j - m_j) / W_ii and the standard deviation
    1 / W_ii, where W (z - m) ~ N(0, I).

    Args:
        bins: of each dimension.
        mean: m, `(n, d)`.
        whitening: the diagonal of W, `(n, d)`, or W, lower triangular, `(n, d, d)`.
    """

    def __init__(self, bins: Bins, mean: Reals, whitening: Reals) -> None:
        self.bins, self.mean = bins, mean
        self.below = whitening if whitening.ndim == 3 else None
        self.diagonal = whitening if self.below is None else np.diagonal(whitening, axis1=1, axis2=2)

    def pop(self, stack: Stack) -> Integers:
        """The numbers of bins `(n, d)`."""
        numbers = np.zeros(self.mean.shape, np.int64)
        for i in range(self.mean.shape[1]):
            numbers[:, i] = stack.pop(self.given(numbers, i))
        return numbers

    def push(self, numbers: Integers, stack: Stack) -> None:
        for i in reversed(range(self.mean.shape[1])):
            stack.push(numbers[:, i], self.given(numbers, i))

    def given(self, numbers: Integers, i: int) -> Distribution:
        """The distribution of dimension `i` given those before."""
        mean = self.mean[:, i]
        if self.below is not None and i:
            before = self.bins.middle(numbers[:, :i]) - self.mean[:, :i]
            mean = mean - (self.below[:, i, :i] * before).sum(axis=1) / self.diagonal[:, i]
        return binned(self.bins.alphabet, normal(), mean[:, None], np.log(self.diagonal[:, i])[:, None])


def uniform(n: int) -> Uniform:
    """The prior of a latent dimension whose bins have equal mass."""
    return Uniform(n, 2**BITS)
