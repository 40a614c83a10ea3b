"""Movies whose drift was measured, and pairs of their neighbouring frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.images.shifts import shifts

BRIGHTER, CONTRAST = 0.25, 0.1
"""Neighbours are of another exposure if their means differ by this share of the standard deviation of the
noise, or their contrast by this share of it."""


class Pair(NamedTuple):
    """Two neighbouring frames, cropped to what both show.

    Attributes:
        movie: the number of their movie.
        place: that of the first frame in it.
        name: of both.
        first: the earlier frame, `(height, width[, channels])`.
        second: the later one, of the same size.
    """

    movie: int
    place: int
    name: str
    first: Array
    second: Array

    @property
    def noise(self) -> float:
        """The variance of what the frames do not have in common, of one of them."""
        return float((self.first.astype(np.float64) - self.second).var()) / 2

    @property
    def unlike(self) -> bool:
        """Whether the exposures of both differ by more than their noise explains."""
        a, b = self.first.astype(np.float64), self.second.astype(np.float64)
        spreads = a.std(), b.std()
        differ = abs(a.mean() - b.mean()) > BRIGHTER * np.sqrt(self.noise)
        return bool(differ or max(spreads) > (1 + CONTRAST) * min(spreads))


@dataclass(frozen=True, eq=False)
class Movie:
    """The frames of a movie and how they drift.

    Attributes:
        frames: `(n, height, width[, channels])`.
        names: of the frames.
        offsets: `(n, 2)`, how many pixels down and right what a frame shows lies of where the first shows it.
        uncertain: of how many frames that could not be measured.
    """

    frames: Array
    names: tuple[str, ...]
    offsets: NDArray[np.intp]
    uncertain: int

    @classmethod
    def of(cls, frames: Array, names: tuple[str, ...]) -> Movie:
        """The movie of `frames`, whose drift is measured."""
        found = shifts(frames if frames.ndim == 3 else frames.mean(axis=-1))
        offsets = np.concatenate([np.zeros((1, 2), dtype=np.intp), np.cumsum(found.steps, axis=0)])
        return cls(frames, names, offsets, int((~found.certain).sum()))

    @property
    def lost(self) -> float:
        """The share of a frame that some other frame does not show."""
        size = np.array(self.frames.shape[1:3])
        return float(1 - np.prod(np.maximum(size - np.ptp(self.offsets, axis=0), 0) / size))

    def pairs(self, movie: int, *, shared: bool) -> list[Pair]:
        """The pairs of neighbours, cropped to what both show, or with `shared` to what all frames show."""
        made = []
        for i in range(len(self.frames) - 1):
            chosen = slice(None) if shared else slice(i, i + 2)
            a, b = (self.cropped(each, chosen) for each in (i, i + 1))
            made.append(Pair(movie, i, f"{self.names[i]}+{self.names[i + 1]}", a, b))
        return made

    def cropped(self, i: int, among: slice) -> Array:
        """What frame `i` shows of what all frames `among` these show."""
        high, low = self.offsets[among].max(axis=0), self.offsets[among].min(axis=0)
        start = self.offsets[i] - low
        stop = self.frames.shape[1:3] - (high - self.offsets[i])
        return self.frames[i, start[0] : max(*start[:1], stop[0]), start[1] : max(*start[1:], stop[1])]
