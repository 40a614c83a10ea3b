"""Points on a grid in a plane of the code, decoded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from narrows.core.registry import within
from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import EMPTY, CodeSpace

QUANTILES = (0.01, 0.99)
"""The quantiles of held-out codes that a grid spans along each direction."""


class Grid(NamedTuple):
    """Points of a plane, row by row, the first at the top left.

    Attributes:
        coordinates: `(n, 2)` along the two directions, from the mean of the codes; `(n, 1)` for codes of one
            dimension.
        codes: `(n, d)`.
        values: `(n, *shape)` decoded, as the data came.
        emptiness: `(n,)`, as `CodeSpace.emptiness` gives it.
        side: points across.
        sentence: which plane it is, and how much of it is empty.
    """

    coordinates: Array
    codes: Array
    values: Array
    emptiness: Array | None
    side: int
    sentence: str

    def columns(self) -> dict[str, Array]:
        """The points as a table."""
        table = {f"along{i + 1}": column for i, column in enumerate(self.coordinates.T)}
        return table if self.emptiness is None else {**table, "emptiness": self.emptiness}


def grid(run: Run, side: int = 20, dims: tuple[int, int] | None = None) -> Grid:
    """`side` times `side` points that span the 1 % to 99 % quantiles of held-out codes in both directions.

    Args:
        run: the fitted model.
        side: points across and down.
        dims: two latent dimensions; None takes those of a code of two dimensions, and for larger codes the
            plane in which they vary most.
    """
    within("side", side, 2, 200)
    space = CodeSpace(run)
    directions, description = space.plane(dims)
    coordinates = lattice((space.codes - space.centre) @ directions.T, side)
    codes = np.asarray(space.centre + coordinates @ directions, np.float32)
    emptiness = space.emptiness(codes)
    sentence = f"Across {description}{empty_share(emptiness)}."
    return Grid(coordinates, codes, run.decode(codes), emptiness, side, sentence)


def lattice(projected: Array, side: int) -> Array:
    """Points `(side², 2)` that span the quantiles of `projected (n, 2)`; `(side, 1)` of `(n, 1)`."""
    limits = np.quantile(projected, QUANTILES, axis=0).T
    across, *down = (np.linspace(low, high, side) for low, high in limits)
    # The second direction points upwards, as in a drawing.
    return np.array([(x, y) for y in down[0][::-1] for x in across]) if down else across[:, None]


def empty_share(emptiness: Array | None) -> str:
    """How many of the points are empty, after a semicolon; nothing where that was not measured."""
    if emptiness is None:
        return ""
    return f"; {100 * float((emptiness > EMPTY).mean()):.0f} % of the points lie in empty regions"
