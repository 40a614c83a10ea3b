"""How far a row lies from others, at every scale from its nearest neighbour to half of them.

The distance to the nearest neighbour tells a row that stands alone in a gap of the data; but anomalies that
are alike are neighbours of each other, and only the distance to the hundredth tells them. So none is chosen:
the logarithm of the distance to the 1st, 2nd, 4th, 8th … neighbour is compared, each, with what it is among
the reference rows themselves, and the scale at which a row is most unusual has the say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.data.schema import Array

Floats = NDArray[np.float64]

CHUNK = 2**22
"""Distances that are held at a time."""

COMPARED = 1000
"""Reference rows that say what is usual at the most."""

BLUR = 0.01
"""Distances below this share of the data's spread are all the same, copies not infinitely near."""


class Distances(NamedTuple):
    """Of a piece of the rows its distances to all reference rows, and to the neighbours at each scale."""

    rows: slice
    all: Floats
    nearest: Floats


class Neighbours:
    """The reference rows, and what distances are usual among them.

    Args:
        reference: `(m, values)`, m at least 2.
        seed: of the choice of rows that say what is usual.
    """

    def __init__(self, reference: Array, seed: int = 0) -> None:
        self.reference = torch.as_tensor(np.asarray(reference, dtype=np.float64))
        self.ranks = scales(len(reference))
        # Of one spread 0 nothing can be told: whatever lies elsewhere is then far.
        self.blur = BLUR * float(torch.sqrt(self.reference.var(dim=0, correction=0).sum())) or 1e-12
        some = np.random.default_rng(seed).permutation(len(reference))[:COMPARED]
        usual = self.logarithms(self.reference[some].numpy(), np.ones(len(some), dtype=np.bool_))
        self.mean, self.spread = usual.mean(axis=0), np.maximum(usual.std(axis=0), 1e-3)

    def distances(self, rows: Array, among: NDArray[np.bool_]) -> Iterator[Distances]:
        """Piece by piece; who is `among` the reference rows is no neighbour of its own."""
        wanted = torch.as_tensor(np.asarray(rows, dtype=np.float64))
        step = max(1, CHUNK // len(self.reference))
        for first in range(0, len(rows), step):
            piece = slice(first, first + step)
            found = torch.cdist(wanted[piece], self.reference).numpy()
            ranks = self.ranks - 1 + among[piece, None]
            ordered = np.partition(found, np.unique(ranks), axis=1)
            yield Distances(piece, found, np.take_along_axis(ordered, ranks, axis=1))

    def logarithms(self, rows: Array, among: NDArray[np.bool_]) -> Floats:
        """Of the distances to the neighbours at each scale, `(n, scales)`."""
        found = [self.blurred(distances.nearest) for distances in self.distances(rows, among)]
        return np.concatenate(found)

    def blurred(self, distances: Floats) -> Floats:
        return 0.5 * np.log(distances**2 + self.blur**2)

    def unusual(self, logarithms: Floats) -> Floats:
        """By how many standard deviations each scale is more than usual."""
        return (logarithms - self.mean) / self.spread

    def scores(self, rows: Array, among: NDArray[np.bool_]) -> Floats:
        """How unusual each of `rows (n, values)` is, `(n,)`, by the scale at which it is most so."""
        return softest(self.unusual(self.logarithms(rows, among)))

    def shares(self, rows: Array, among: NDArray[np.bool_]) -> Floats:
        """How much each value of `rows (n, values)` adds to the distances that its score is made of.

        A squared distance is a sum over values, so that each has its share in it. At each scale the
        neighbours up to it are averaged, and scales weigh as they do in the score.
        """
        reference, found = self.reference.numpy(), np.empty(np.shape(rows))
        for piece, pull in self._pulls(rows, among):
            x = np.asarray(rows[piece], dtype=np.float64)
            parts = pull.sum(axis=1)[:, None] * x**2 - 2 * x * (pull @ reference) + pull @ reference**2
            parts = np.maximum(parts, 0.0)
            found[piece] = parts / np.maximum(parts.sum(axis=1), 1e-300)[:, None]
        return found

    def usual(self, rows: Array, among: NDArray[np.bool_], values: Array) -> Floats:
        """Means of the `values (m, …)` of the neighbours of `rows`; scales weigh as in the score."""
        found = np.empty((len(rows), values.shape[1]))
        for piece, pull in self._pulls(rows, among, alike=True):
            found[piece] = pull @ values / np.maximum(pull.sum(axis=1), 1e-300)[:, None]
        return found

    def _pulls(
        self, rows: Array, among: NDArray[np.bool_], *, alike: bool = False
    ) -> Iterator[tuple[slice, Floats]]:
        """Piece by piece how much each reference row counts in what is said of a row, `(n, m)`."""
        for piece, distances, nearest in self.distances(rows, among):
            yield piece, self._pull(distances, nearest, alike)

    def _pull(self, distances: Floats, nearest: Floats, alike: bool) -> Floats:
        """All up to a scale by their nearness, or alike; copies of a row do not count."""
        weights = influence(self.unusual(self.blurred(nearest)))
        others = distances > 1e-3 * self.blur
        pull = np.zeros_like(distances)
        for k in range(len(self.ranks)):
            near = others & (distances <= nearest[:, k, None])
            power = np.where(near, 1.0 if alike else distances**2, 0.0).sum(axis=1)
            pull += near * (weights[:, k] / np.maximum(power, 1e-300))[:, None]
        return pull


SHARP = 2.0
"""How sharply the scale at which a row is most unusual is set above the others."""


def scales(m: int) -> NDArray[np.intp]:
    """Ranks of the neighbours that are looked at among `m` reference rows.

    >>> scales(2).tolist(), scales(100).tolist()
    ([1], [1, 2, 4, 8, 16, 32])
    """
    return 2 ** np.arange(max(1, m // 2).bit_length())


def softest(deviations: Floats) -> Floats:
    """The largest over the scales, softly: log(mean exp(c·deviation)) / c."""
    top = deviations.max(axis=1)
    return np.asarray(top + np.log(np.exp(SHARP * (deviations - top[:, None])).mean(axis=1)) / SHARP)


def influence(deviations: Floats) -> Floats:
    """How much each scale has a say in `softest`: its derivative, which sums to 1."""
    weights = np.exp(SHARP * (deviations - deviations.max(axis=1)[:, None]))
    return np.asarray(weights / weights.sum(axis=1)[:, None])
