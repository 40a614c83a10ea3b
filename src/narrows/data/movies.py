"""Frames of movies, whose neighbours are alike: they are parted in scenes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from narrows.data.split import Index, Parts, apart

SCENES, SHORTEST = 200, 3
"""About as many scenes have all movies together, and the frames of a scene at the least: these follow each
other, and stay in one part."""


@dataclass(frozen=True, eq=False)
class Movies:
    """Frames of movies, in their order.

    Attributes:
        owner: `(n,)`, the movie of each frame, from 0.
        numbers: `(n,)`, the number of each in its movie, where several have the same; by default each has its
            own, in order.
    """

    owner: Index
    numbers: Index | None = None

    @cached_property
    def places(self) -> Index:
        """The number of each frame in its movie, `(n,)`."""
        if self.numbers is not None:
            return self.numbers
        order = np.argsort(self.owner, kind="stable")
        begins = np.searchsorted(self.owner[order], np.arange(int(self.owner.max()) + 1))
        places = np.empty(len(self.owner), dtype=np.intp)
        places[order] = np.arange(len(self.owner)) - begins[self.owner[order]]
        return places

    @property
    def note(self) -> str:
        """How they are parted, a sentence."""
        count = int(self.owner.max()) + 1
        return (
            f"{len(self.owner):,} frames of {count:,} movie{'s' * (count > 1)}: scenes stay in one part, and "
            f"no frame is beside one of another part."
        )

    @property
    def scenes(self) -> Index:
        """The scene of each frame, `(n,)`."""
        size = max(SHORTEST, round(len(self.owner) / SCENES))
        pairs = np.column_stack([self.owner, self.places // size])
        return np.unique(pairs, axis=0, return_inverse=True)[1].ravel()

    def apart(self, parts: Parts) -> Parts:
        """`parts` without frames beside one of a later part.

        Raises:
            InputError: when a part would have no frames.
        """
        few = f"{len(self.owner):,} frames are too few for parts in which none is beside one of another part."
        return apart(parts, self.owner, self.places, 2, few)
