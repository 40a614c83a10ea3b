"""Patches of large images: cut them on a grid, and join them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, show
from narrows.data.columns import Array

MIN_IMAGES = 3
"""From this number of images on, patches are grouped by image; patches of fewer images by region."""

REGIONS = 120
"""The approximate number of regions of few images; a verdict needs about as many groups."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """The images and places that patches were cut from.

    Attributes:
        names: of the images.
        modes: the image modes of their files; empty for other images.
        sizes: height and width of each image.
        owner: `(n,)`, the number of the image of each patch.
        corners: `(n, 2)`, the first row and column of each patch in its image.
    """

    names: tuple[str, ...]
    modes: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    owner: NDArray[np.intp]
    corners: NDArray[np.intp]

    @property
    def ids(self) -> tuple[str, ...]:
        """A name for each patch: the name of its image, with its first row and column."""
        places = zip(self.owner.tolist(), self.corners.tolist(), strict=True)
        return tuple(f"{self.names[i]}[{top},{left}]" for i, (top, left) in places)

    def of_image(self, i: int) -> Patches:
        """The patches of the image with the number `i`."""
        chosen = self.owner == i
        return Patches(
            self.names[i : i + 1],
            self.modes[i : i + 1],
            self.sizes[i : i + 1],
            np.zeros(chosen.sum(), dtype=np.intp),
            self.corners[chosen],
        )


def cut(
    images: Sequence[Array], names: Sequence[str], modes: Sequence[str], side: int
) -> tuple[Array, Patches]:
    """Square patches that cover each of `images`, `(height, width[, channels])`.

    Where a size is no multiple of `side`, the last patch of a row or column overlaps the one before.

    Returns:
        The patches `(n, side, side[, channels])`, and where they come from.

    Raises:
        InputError: for an image that is smaller than a patch.
    """
    patches = covering([(image.shape[0], image.shape[1]) for image in images], names, modes, side)
    places = zip(patches.owner.tolist(), patches.corners.tolist(), strict=True)
    pieces = [images[i][top : top + side, left : left + side] for i, (top, left) in places]
    return np.stack(pieces), patches


def covering(
    sizes: Sequence[tuple[int, int]], names: Sequence[str], modes: Sequence[str], side: int
) -> Patches:
    """The places of the patches of images of these `sizes`, height and width; errors as of `cut`."""
    owner, corners = [], []
    for i, (height, width) in enumerate(sizes):
        if min(height, width) < side:
            raise InputError(
                f"{names[i]} is {show((height, width))} (height x width), too small for patches of "
                f"{side}x{side}."
            )
        grid = np.meshgrid(starts(height, side), starts(width, side), indexing="ij")
        corners.append(np.column_stack([each.ravel() for each in grid]))
        owner.append(np.full(len(corners[-1]), i))
    return Patches(tuple(names), tuple(modes), tuple(sizes), np.concatenate(owner), np.concatenate(corners))


def starts(length: int, side: int) -> list[int]:
    """The first pixels of the patches along an axis.

    >>> starts(10, 4), starts(8, 4)
    ([0, 4, 6], [0, 4])
    """
    return [min(start, length - side) for start in range(0, length, side)]


def groups(patches: Patches, side: int) -> NDArray[np.intp]:
    """The group of each patch `(n,)`: its image, or the square region of it if there are few images.

    The region of a patch is that of its first pixel, so that an overlapping patch is in the group of the
    patch before.
    """
    if len(patches.names) >= MIN_IMAGES:
        return patches.owner
    region = side * max(1, int(np.sqrt(len(patches.owner) / REGIONS)))
    places = np.column_stack([patches.owner, patches.corners // region])
    return np.unique(places, axis=0, return_inverse=True)[1]


def join(pieces: Array, patches: Patches) -> list[Array]:
    """The images `(height, width[, channels])` from their patches `pieces (n, side, side[, channels])`."""
    side = pieces.shape[1]
    images = [np.empty((*size, *pieces.shape[3:]), pieces.dtype) for size in patches.sizes]
    for piece, i, (top, left) in zip(pieces, patches.owner, patches.corners, strict=True):
        images[i][top : top + side, left : left + side] = piece
    return images
