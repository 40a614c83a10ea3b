"""Split rows into disjoint parts, training, validation and held-out, and group those that stay together."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError

Index = NDArray[np.intp]

MOST, FEWEST, VALUES = 10_000, 20, 2**24
"""The rows of the validation part, and of the held-out part, at the most; of data that are not in memory only
as many as have so many values, but not fewer than `FEWEST`."""


def size_of_part(n: int) -> int:
    """The size of the validation part and of the held-out part, of `n` rows or groups.

    A tenth, but of few rows up to a fifth, and 10,000 at most.

    >>> [size_of_part(n) for n in (3, 12, 150, 569, 1797, 60_000, 10**6)]
    [1, 2, 30, 100, 180, 6000, 10000]
    """
    return min(max(1, round(0.1 * n), min(100, round(0.2 * n))), MOST)


def most_on_disk(values: int) -> int:
    """The rows of a part of data that are not in memory, at the most, where a row has so many `values`.

    >>> most_on_disk(784), most_on_disk(64 * 64), most_on_disk(2048 * 2048)
    (10000, 4096, 20)
    """
    return min(MOST, max(FEWEST, VALUES // max(1, values)))


def drawn(rows: Index, seed: int, most: int) -> Index:
    """At most so many of `rows`, drawn at random, in order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def blocks(n: int, size: int) -> Index:
    """The group of each of `n` rows, `(n,)`: blocks of `size` rows that follow each other.

    >>> blocks(7, 3).tolist()
    [0, 0, 0, 1, 1, 1, 2]
    """
    return np.arange(n) // size


def name_groups(names: tuple[str, ...], pattern: str) -> Index:
    """The group of each image `(n,)`: the text in its name that `pattern` matches, numbered.

    >>> name_groups(("a-1.png", "a-2.png", "b-1.png"), "([a-z]+)-").tolist()
    [0, 0, 1]
    """
    try:
        matches = [re.search(pattern, name) for name in names]
    except re.error as error:
        raise InputError(f"--groups takes a regular expression, but {pattern!r} is none: {error}.") from error
    for name, match in zip(names, matches, strict=True):
        if match is None:
            raise InputError(f"--groups {pattern!r} matches nothing in the name {name!r}.")
    texts = ["/".join(match.groups() or (match[0],)) for match in matches if match is not None]
    return np.unique(texts, return_inverse=True)[1]


@dataclass(frozen=True, slots=True)
class Parts:
    """The row numbers of each part; `held_out` is None where the data have a test part of their own."""

    train: Index
    validation: Index
    held_out: Index | None


def split(
    n: int,
    *,
    seed: int,
    own_test: bool = False,
    groups: NDArray[np.intp] | None = None,
    most: int = MOST,
) -> Parts:
    """Split `n` rows at random into training, validation and, without `own_test`, held-out part.

    Args:
        n: the number of rows.
        seed: of the random permutation.
        own_test: whether the data have a test part of their own, so that none is split off.
        groups: `(n,)`, rows with the same value stay in the same part.
        most: the rows of the validation part, and of the held-out part; of more, rows are drawn at random and
            the others are in no part.

    Raises:
        InputError: when a part would have no rows or groups.
    """
    owner = None if groups is None else np.unique(groups, return_inverse=True)[1]
    units = n if owner is None else int(owner.max()) + 1
    cuts = 1 if own_test else 2
    if units <= cuts:
        what = "rows" if groups is None else "groups"
        least = f"at least {cuts + 1} are needed to train, validate and test"
        raise InputError(f"Too few {what}: {units}, but {least}.")
    order = np.random.default_rng(seed).permutation(units)
    size = size_of_part(units)
    pieces = np.split(order, [units - cuts * size + i * size for i in range(cuts)])
    if owner is None:
        train, *whole = pieces
    else:
        train, *whole = (np.flatnonzero(np.isin(owner, piece)) for piece in pieces)
    others = [drawn(rows, seed, most) for rows in whole]
    return Parts(train, others[0], None if own_test else others[1])


def apart(parts: Parts, owner: Index, starts: Index, reach: int, too_short: str) -> Parts:
    """`parts` of windows of recordings, or frames of movies, without those close to ones of a later part.

    Args:
        parts: of a split of all.
        owner: `(n,)`, the recording or movie of each.
        starts: `(n,)`, its first time step.
        reach: how far those of different parts of one recording begin from each other, at the least.
        too_short: the message when a part would have none.

    Raises:
        InputError: with that message.
    """
    held_out = np.empty(0, dtype=np.intp) if parts.held_out is None else parts.held_out

    def left(rows: Index, others: Index) -> Index:
        return rows[~near(owner, starts, rows, others, reach)]

    validation = left(parts.validation, held_out)
    train = left(parts.train, np.concatenate([held_out, validation]))
    if not (len(train) and len(validation)):
        raise InputError(too_short)
    return Parts(train, validation, parts.held_out)


def near(owner: Index, starts: Index, rows: Index, others: Index, reach: int) -> NDArray[np.bool_]:
    """Which windows `rows` begin less than `reach` from one of `others` of the same recording."""
    # Recordings are placed so far from each other on one axis that none of their windows are near.
    places = starts + owner * (int(starts.max(initial=0)) + reach + 1)
    there = np.sort(places[others])
    after = np.searchsorted(there, places[rows] - reach, side="right")
    following = np.append(there, np.iinfo(np.intp).max)[after]
    return following < places[rows] + reach
