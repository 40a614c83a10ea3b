"""Images of any size, computed tile by tile.

Each tile is seen with the margin that its pixels depend on, and begins at a multiple of the network's stride.
So the result has no seams: it is that of the image as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from narrows.data.schema import Array
from narrows.model.networks import Field

CORE = 512
"""Rows and columns of a tile without what is seen around it, about."""


def tiled(image: Array, field: Field, use: Callable[[Array], Array], core: int = CORE) -> Array:
    """`use(image)`, with `image (channels, height, width)` given to it tile by tile.

    Args:
        image: of any size.
        field: stride and reach of `use`.
        use: maps a tile to one of the same height and width.
        core: rows and columns of a tile that are kept, rounded up to a multiple of the stride.
    """
    core = -(-core // field.stride) * field.stride
    halo = -(-field.reach // field.stride) * field.stride
    found = np.empty(0)
    for top, above, rows in spans(image.shape[1], core, halo):
        for left, before, columns in spans(image.shape[2], core, halo):
            piece = use(image[:, rows, columns])
            if not found.size:
                found = np.empty((len(piece), *image.shape[1:]), piece.dtype)
            kept = piece[:, above : above + core, before : before + core]
            found[:, top : top + kept.shape[1], left : left + kept.shape[2]] = kept
    return found


def spans(length: int, core: int, halo: int) -> Iterator[tuple[int, int, slice]]:
    """Along an axis, of each tile where it begins, how much is seen before that, and all that is seen.

    >>> list(spans(10, 4, 2))
    [(0, 0, slice(0, 6, None)), (4, 2, slice(2, 10, None)), (8, 2, slice(6, 10, None))]
    """
    for start in range(0, length, core):
        first = max(0, start - halo)
        yield start, start - first, slice(first, min(length, start + core + halo))
