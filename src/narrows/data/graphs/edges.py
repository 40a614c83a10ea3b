"""The edges of an undirected graph: checked, each once, and pairs of nodes that no edge joins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, show
from narrows.data.columns import Array

Pairs = NDArray[np.int64]
"""Pairs of nodes `(m, 2)`."""

MOST_NODES = 10**8
"""More nodes than this are taken for a mistake."""

Seed = int | tuple[int, ...]
"""Of random numbers, one or several whole numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The edges of a graph of `n` nodes.

    Attributes:
        pairs: `(m, 2)`, each edge once, the smaller number first, in order.
        n: the number of nodes.
        loops: edges from a node to itself, which were left out.
        repeated: further mentions of an edge, in the same or in the other direction.
    """

    pairs: Pairs
    n: int
    loops: int = 0
    repeated: int = 0

    @property
    def isolated(self) -> int:
        """The number of nodes without an edge."""
        return self.n - len(np.unique(self.pairs))

    @property
    def note(self) -> str:
        """What was read, in a sentence."""
        return (
            f"{self.n:,} nodes and {len(self.pairs):,} edges without direction or weight; {self.isolated:,} "
            f"nodes have no edge, {self.loops:,} self-loops were left out, and {self.repeated:,} mentions of "
            f"an edge repeat another one, perhaps in the other direction."
        )

    def to_json(self) -> dict[str, int]:
        """The counts by name."""
        counts = {"nodes": self.n, "edges": len(self.pairs), "isolated": self.isolated}
        return {**counts, "loops": self.loops, "repeated": self.repeated}

    @classmethod
    def of(cls, pairs: Array, n: int | None, name: str, *, may_lack: bool = False) -> Edges:
        """The edges that `pairs (m, 2)` or `(2, m)` mention.

        Args:
            pairs: numbers of nodes, from 0.
            n: the number of nodes; None takes the largest number.
            name: for messages.
            may_lack: whether a graph may have no edges, as one of many.

        Raises:
            InputError: for other numbers, or a graph without edges.
        """
        found = check_pairs(pairs, name)
        n = int(found.max(initial=-1)) + 1 if n is None else n
        if n > MOST_NODES:
            raise InputError(
                f"{name} would have {n:,} nodes, of which {MOST_NODES:,} at the most are read; number the "
                f"nodes from 0 without gaps."
            )
        if len(found) and found.max() >= n:
            raise InputError(
                f"An edge of {name} joins node {found.max()}, but the nodes are numbered from 0 to {n - 1}."
            )
        apart = found[found[:, 0] != found[:, 1]]
        if not len(apart) and not may_lack:
            raise InputError(
                f"{name} has no edges between different nodes: all {n:,} nodes are alone, and there is "
                f"nothing to learn."
            )
        keys = np.unique(numbered(np.sort(apart, axis=1), n))
        loops, repeated = len(found) - len(apart), len(apart) - len(keys)
        return cls(np.stack(np.divmod(keys, n), axis=1), n, loops, repeated)


def check_pairs(pairs: Array, name: str) -> Pairs:
    """`pairs` as whole numbers `(m, 2)`.

    Raises:
        InputError: for another shape, and for numbers that are negative or not whole.
    """
    found = np.asarray(pairs)
    if not found.size:
        return np.empty((0, 2), dtype=np.int64)
    if found.ndim == 2 and found.shape[0] == 2 != found.shape[1]:
        found = found.T
    if found.ndim != 2 or found.shape[1] != 2:
        raise InputError(
            f"The edges of {name} have shape {show(found.shape)}; wanted is a pair of node numbers for each, "
            f"(edges, 2)."
        )
    if found.dtype.kind not in "buif" or (found.dtype.kind == "f" and (found != np.floor(found)).any()):
        raise InputError(f"The edges of {name} are not pairs of whole numbers; number the nodes from 0.")
    if len(found) and found.min() < 0:
        raise InputError(f"An edge of {name} joins node {found.min():g}; number the nodes from 0.")
    return found.astype(np.int64)


def numbered(pairs: Pairs, n: int) -> NDArray[np.int64]:
    """One number for each of `pairs`, the smaller node first, of a graph of `n` nodes."""
    return pairs[:, 0] * n + pairs[:, 1]


def among(keys: NDArray[np.int64], ordered: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of `keys` are among the `ordered` ones."""
    places = np.searchsorted(ordered, keys).clip(max=len(ordered) - 1)
    return np.asarray(ordered[places] == keys)


def draw_apart(edges: Edges, count: int, seed: Seed) -> Pairs:
    """At most `count` different pairs of different nodes that no edge joins, `(count, 2)`, at random."""
    rng, n = np.random.default_rng(seed), edges.n
    known = numbered(edges.pairs, n)
    free = n * (n - 1) // 2 - len(known)
    if free < 4 * count:  # then few random pairs are new ones, and all pairs are not many more
        i, j = np.triu_indices(n, 1)
        keys = np.setdiff1d(i * n + j, known)
        return as_pairs(rng.permutation(keys)[:count], n)
    keys = np.empty(0, dtype=np.int64)
    while len(keys) < count:
        drawn = np.sort(rng.integers(0, n, (2 * count, 2)), axis=1)
        new = numbered(drawn[drawn[:, 0] != drawn[:, 1]], n)
        keys = np.unique(np.concatenate([keys, new[~among(new, known)]]))
    return as_pairs(rng.permutation(keys)[:count], n)


def as_pairs(keys: NDArray[np.int64], n: int) -> Pairs:
    """The inverse of `numbered`."""
    return np.stack(np.divmod(keys, n), axis=1)
