"""Images of any size, computed tile by tile without seams.

A tile is computed with a margin of the receptive field, and begins at a multiple of the network's stride. So
the result equals that of the whole image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from narrows.core.steps import stepped
from narrows.data.schema import Array
from narrows.model.networks import Field

CORE = 512
"""Side of a tile without its margin, in pixels."""


def tiled(image: Array, field: Field, use: Callable[[Array], Array], core: int = CORE) -> Array:
    """`use(image)`, computed tile by tile.

    Args:
        image: `(channels, height, width)`, of any size.
        field: the receptive field of `use`.
        use: maps a tile to one of the same height and width.
        core: side of a tile without its margin, rounded up to a multiple of the stride.
    """
    core = -(-core // field.stride) * field.stride
    margin = -(-field.radius // field.stride) * field.stride
    whole = np.empty(0)
    down, across = (list(spans(length, core, margin)) for length in image.shape[1:])
    for row, column in stepped(product(down, across), len(down) * len(across), "tile"):
        (top, above, rows), (left, before, columns) = row, column
        tile = use(image[:, rows, columns])
        if not whole.size:
            whole = np.empty((len(tile), *image.shape[1:]), tile.dtype)
        inner = tile[:, above : above + core, before : before + core]
        whole[:, top : top + inner.shape[1], left : left + inner.shape[2]] = inner
    return whole


def spans(length: int, core: int, margin: int) -> Iterator[tuple[int, int, slice]]:
    """For each tile along an axis: its start, the margin before it, and the slice with both margins.

    >>> list(spans(10, 4, 2))
    [(0, 0, slice(0, 6, None)), (4, 2, slice(2, 10, None)), (8, 2, slice(6, 10, None))]
    """
    for start in range(0, length, core):
        first = max(0, start - margin)
        yield start, start - first, slice(first, min(length, start + core + margin))
