"""Three disjoint parts: to train on, to choose on, and to be judged on once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError

Index = NDArray[np.intp]


def size_of_part(n: int) -> int:
    """Rows for validation and for the held-out part each: a tenth, but of few rows up to a fifth.

    >>> [size_of_part(n) for n in (3, 12, 150, 569, 1797, 60_000, 10**6)]
    [1, 2, 30, 100, 180, 6000, 10000]
    """
    return min(max(1, round(0.1 * n), min(100, round(0.2 * n))), 10_000)


@dataclass(frozen=True, slots=True)
class Parts:
    """Row numbers of each part; `held_out` is None where a set brings its own test part."""

    train: Index
    validation: Index
    held_out: Index | None


def split(n: int, *, seed: int, own_test: bool = False, groups: NDArray[np.intp] | None = None) -> Parts:
    """Cut `n` rows at random into train, validation and, unless there is a test part, held-out.

    Rows of the same group stay in the same part.

    Raises:
        InputError: when there are too few rows, or groups, for each part to have one.
    """
    owner = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    units = int(owner.max()) + 1
    cuts = 1 if own_test else 2
    if units <= cuts:
        what = "rows" if groups is None else "groups"
        least = f"at least {cuts + 1} are needed to train, choose and judge"
        raise InputError(f"Too few {what}: {units}, but {least}.")
    order = np.random.default_rng(seed).permutation(units)
    size = size_of_part(units)
    pieces = np.split(order, [units - cuts * size + i * size for i in range(cuts)])
    if groups is None:
        train, *others = pieces
    else:
        train, *others = (np.flatnonzero(np.isin(owner, piece)) for piece in pieces)
    return Parts(train, others[0], None if own_test else others[1])
