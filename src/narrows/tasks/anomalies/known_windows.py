"""Find the windows of recordings that a run keeps, to compare none with itself.

A recording may be one that the model was fitted to, or hold a part of it. Windows are looked up by a number
that is the same for equal values: a polynomial of the numbers of their time steps, modulo 2⁶⁴ (Karp & Rabin
1987, "Efficient randomized pattern-matching algorithms", IBM J. Res. Dev. 31).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array

Index = NDArray[np.intp]
Codes = NDArray[np.uint64]

BASE = 6364136223846793005
"""The odd number whose powers weigh time steps (Knuth's multiplier)."""

MIXING = 0xFF51AFD7ED558CCD
"""The odd number that mixes the bits of a value (of MurmurHash3, Appleby 2011)."""

INVERSE = pow(BASE, -1, 2**64)
"""Its inverse modulo 2⁶⁴."""


def step_codes(values: Array) -> Codes:
    """A number for each time step of `values (time, channels)` as they came; NaN equals NaN."""
    # Adding 0 turns -0 into 0.
    numbers = np.where(np.isnan(values), np.nan, values + 0.0).astype(np.float64).view(np.uint64)
    codes = np.zeros(len(values), dtype=np.uint64)
    for channel in numbers.T:
        codes = mixed(codes + mixed(channel))
    return codes


def mixed(numbers: Codes) -> Codes:
    """Other numbers, of which each bit depends on all bits of `numbers`."""
    for _ in range(2):
        numbers = (numbers ^ (numbers >> np.uint64(33))) * np.uint64(MIXING)
    return numbers ^ (numbers >> np.uint64(33))


def window_codes(steps: Codes, length: int) -> Codes:
    """A number for each window of a `length`, from those of the time `steps (time,)`."""
    sums = np.append(np.uint64(0), np.cumsum(steps * powers(BASE, len(steps)), dtype=np.uint64))
    return (sums[length:] - sums[:-length]) * powers(INVERSE, len(sums) - length)


def powers(base: int, n: int) -> Codes:
    """base⁰, base¹ and so on modulo 2⁶⁴, `(n,)`."""
    return np.cumprod(np.append(np.uint64(1), np.full(max(0, n - 1), base, dtype=np.uint64)), dtype=np.uint64)


class KnownWindows:
    """The windows of one length of the kept recordings.

    Args:
        steps: `step_codes` of the recordings, each at least as long as a window.
        offsets: where each begins on one axis.
        length: of the windows.
    """

    def __init__(self, steps: Sequence[Codes], offsets: Index, length: int) -> None:
        self.length = length
        codes = np.concatenate([window_codes(each, length) for each in steps])
        places = [
            offset + np.arange(len(each) - length + 1) for each, offset in zip(steps, offsets, strict=True)
        ]
        self.codes, first = np.unique(codes, return_index=True)
        self.places = np.concatenate(places)[first]

    def find(self, steps: Codes, starts: Index) -> Index:
        """Where on the axis the windows of a recording lie that begin at `starts (n,)`.

        A window that is not known lies so far before the first recording that it overlaps none.
        """
        first, last = starts.min(initial=len(steps)), starts.max(initial=0) + self.length
        wanted = window_codes(steps[first:last], self.length)[starts - first]
        found = np.minimum(np.searchsorted(self.codes, wanted), len(self.codes) - 1)
        return np.where(self.codes[found] == wanted, self.places[found], -2 * self.length)
