"""Decoded points across a plane of the code: what a model knows, laid out like a map."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from narrows.core.registry import within
from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import EMPTY, Space

REACH = (0.01, 0.99)
"""Between these quantiles of the held-out codes a grid reaches."""


class Grid(NamedTuple):
    """Points of a plane, row by row, the first at the top left.

    Attributes:
        places: `(n, 2)`, where they lie along the two directions, from the mean of the codes; `(n, 1)` for
            a code of one number.
        codes: `(n, d)`.
        values: `(n, *shape)` decoded, as the data came.
        emptiness: `(n,)`, as `Space.emptiness` gives it; None where too few codes were held out.
        side: points across.
        sentence: which plane it is, and how much of it is empty.
    """

    places: Array
    codes: Array
    values: Array
    emptiness: Array | None
    side: int
    sentence: str

    def columns(self) -> dict[str, Array]:
        """A row for each point."""
        found = {f"along{i + 1}": column for i, column in enumerate(self.places.T)}
        return found if self.emptiness is None else {**found, "emptiness": self.emptiness}


def grid(run: Run, side: int = 20, dims: tuple[int, int] | None = None) -> Grid:
    """`side` times `side` points, from the 1 % to the 99 % quantile of held-out codes in both directions.

    Args:
        run: the fitted model.
        side: points across and down.
        dims: two code dimensions; None takes those of a code of two, and else the directions in which codes
            vary most.
    """
    within("side", side, 2, 200)
    space = Space(run)
    directions, words = space.plane(dims)
    reach = np.quantile((space.codes - space.centre) @ directions.T, REACH, axis=0).T
    across, *down = (np.linspace(low, high, side) for low, high in reach)
    # The second direction points upwards, as in a drawing.
    places = np.array([(x, y) for y in down[0][::-1] for x in across]) if down else across[:, None]
    codes = np.asarray(space.centre + places @ directions, np.float32)
    found = space.emptiness(codes)
    empty = ""
    if found is not None:
        empty = f"; {100 * float((found > EMPTY).mean()):.0f} % of the points lie in empty space"
    return Grid(places, codes, run.decode(codes), found, side, f"Across {words}{empty}.")
