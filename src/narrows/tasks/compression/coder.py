"""An entropy coder, asymmetric numeral systems, over distributions whose frequencies are whole numbers.

A value is coded bit by bit, the highest first: a distribution gives the frequency of all values below one, so
the share of the upper half of an interval is known, and a value of 16 bits takes 16 evaluations and not
65,536. The coder is a stack: what was pushed last is popped first.

Duda 2013, "Asymmetric numeral systems", arXiv:1311.2540; by the package constriction (Bamler 2022).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.model.distributions import Distribution, Integers

PRECISION = 24
"""Probabilities of a bit are multiples of 2^-24."""


def constriction() -> Any:
    """The package that codes.

    Raises:
        InputError: when it is not installed.
    """
    try:
        import constriction as package
    except ImportError as error:
        raise InputError(
            "Compression needs the package constriction: pip install 'narrows[compress]'"
        ) from error
    return package


class Coder:
    """A stack of values.

    Args:
        words: `(n,)` uint32, the content, as `words` of another coder gave it.
    """

    def __init__(self, words: NDArray[np.uint32] | None = None) -> None:
        stream = constriction().stream
        self.stack = stream.stack.AnsCoder() if words is None else stream.stack.AnsCoder(words)
        self.family = stream.model.Bernoulli(perfect=False)

    @property
    def bits(self) -> int:
        """The length of the content."""
        return int(self.stack.num_valid_bits())

    @property
    def words(self) -> NDArray[np.uint32]:
        """The content; its last word is not 0."""
        return np.asarray(self.stack.get_compressed(), dtype=np.uint32)

    def push(self, values: Integers, distribution: Distribution) -> None:
        """Push `values (n,)`; `pop` gives them back in the same order."""
        for bits, ones in reversed(list(decisions(values, distribution))):
            self.stack.encode_reverse(bits.astype(np.int32), self.family, ones)

    def pop(self, distribution: Distribution) -> Integers:
        """Pop as many values as `distribution` has."""
        interval = Interval(distribution)
        for bit in reversed(range(distribution.depth)):
            ones = interval.ones(bit)
            interval.narrow(np.asarray(self.stack.decode(self.family, ones), dtype=np.bool_))
        return interval.low


class Interval:
    """Where each value can lie: from `low` to the next multiple of a power of 2; it is halved bit by bit."""

    def __init__(self, distribution: Distribution) -> None:
        self.distribution = distribution
        self.low = np.zeros(distribution.n, np.int64)
        self.start = distribution.below(self.low)
        self.end = distribution.below(self.low + (1 << distribution.depth))

    def ones(self, bit: int) -> NDArray[np.float64]:
        """The probability that `bit` is 1, `(n,)`, a multiple of 2^-24 between 0 and 1."""
        self.middle = self.low + (1 << bit)
        self.cut = self.distribution.below(self.middle)
        # Whole numbers below 2^53, so that this division is the same on every machine.
        share = np.rint((self.end - self.cut) / (self.end - self.start) * 2**PRECISION)
        return share.clip(1, 2**PRECISION - 1) / 2**PRECISION

    def narrow(self, upper: NDArray[np.bool_]) -> None:
        """Keep the upper half where `upper`, else the lower one."""
        self.low = np.where(upper, self.middle, self.low)
        self.start, self.end = np.where(upper, self.cut, self.start), np.where(upper, self.end, self.cut)


def decisions(
    values: Integers, distribution: Distribution
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.float64]]]:
    """The bits of `values (n,)`, the highest first, with the probability that they are 1."""
    interval = Interval(distribution)
    for bit in reversed(range(distribution.depth)):
        ones, bits = interval.ones(bit), (values >> bit & 1).astype(np.bool_)
        yield bits, ones
        interval.narrow(bits)
