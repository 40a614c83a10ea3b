"""Pieces of large images: cut on a grid, remembered, and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, show
from narrows.data.columns import Array

FEW = 3
"""Images from which on patches are grouped by image; the patches of fewer are grouped in blocks."""

BLOCKS = 120
"""Blocks that the patches of few images are grouped into, about: enough for a verdict."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Where patches come from.

    Attributes:
        names: of the images that were cut.
        modes: what each was stored as.
        sizes: height and width of each.
        owner: `(n,)`, the number of the image that each patch was cut from.
        corners: `(n, 2)`, the first row and column of each patch in its image.
    """

    names: tuple[str, ...]
    modes: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    owner: NDArray[np.intp]
    corners: NDArray[np.intp]

    @property
    def ids(self) -> tuple[str, ...]:
        """A name for each patch: its image's, with its first row and column."""
        places = zip(self.owner.tolist(), self.corners.tolist(), strict=True)
        return tuple(f"{self.names[i]}[{top},{left}]" for i, (top, left) in places)


def cut(
    images: Sequence[Array], names: Sequence[str], modes: Sequence[str], side: int
) -> tuple[Array, Patches]:
    """Square patches that cover each of `images`, `(height, width[, channels])`.

    The last of a row or column is moved inwards where the size is no multiple of `side`.

    Returns:
        `(n, side, side[, channels])`, and where they come from.
    """
    pieces, owner, corners = [], [], []
    for i, image in enumerate(images):
        if min(image.shape[:2]) < side:
            raise InputError(
                f"{names[i]} is {show(image.shape[:2])} (height x width), too small for patches of "
                f"{side}x{side}."
            )
        for top in starts(image.shape[0], side):
            for left in starts(image.shape[1], side):
                pieces.append(image[top : top + side, left : left + side])
                owner.append(i)
                corners.append((top, left))
    sizes = tuple((image.shape[0], image.shape[1]) for image in images)
    return np.stack(pieces), Patches(tuple(names), tuple(modes), sizes, np.array(owner), np.array(corners))


def starts(length: int, side: int) -> list[int]:
    """Where patches begin along an axis.

    >>> starts(10, 4), starts(8, 4)
    ([0, 4, 6], [0, 4])
    """
    return [min(start, length - side) for start in range(0, length, side)]


def groups(patches: Patches, side: int) -> NDArray[np.intp]:
    """Which patches belong together `(n,)`: those of an image, or of few images those of a block.

    A patch that was moved inwards lies in the block of the one that it overlaps.
    """
    if len(patches.names) >= FEW:
        return patches.owner
    block = side * max(1, int(np.sqrt(len(patches.owner) / BLOCKS)))
    places = np.column_stack([patches.owner, patches.corners // block])
    return np.unique(places, axis=0, return_inverse=True)[1]


def join(pieces: Array, patches: Patches) -> list[Array]:
    """The images that `pieces (n, side, side[, channels])` were cut from."""
    side = pieces.shape[1]
    images = [np.empty((*size, *pieces.shape[3:]), pieces.dtype) for size in patches.sizes]
    for piece, i, (top, left) in zip(pieces, patches.owner, patches.corners, strict=True):
        images[i][top : top + side, left : left + side] = piece
    return images
