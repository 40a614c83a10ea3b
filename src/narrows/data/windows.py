"""Windows: patches of large images and stretches of long recordings; cut them, and join them again.

A window is as long along each of its axes: the height and the width of images, the time of recordings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, show
from narrows.data.columns import Array

MIN_IMAGES = 3
"""From this number of images on, patches are grouped by image; patches of fewer images by region."""

ENOUGH_IMAGES = 100
"""Of fewer images the regions of held-out ones count in the interval of a verdict, not the images."""

REGIONS = 120
"""The approximate number of regions of few images; a verdict needs about as many groups."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """The images or recordings, and the places in them, that windows were cut from.

    Attributes:
        names: of the images or recordings.
        modes: the image modes of their files; empty for others.
        sizes: of each: height and width of an image, `(time,)` of a recording.
        owner: `(n,)`, the number of the image or recording of each window.
        corners: `(n, axes)`, the first place of each window along each axis.
        gap: how many places lie between windows of different parts of a split, at the least; 0 where
            windows overlap in groups only.
    """

    names: tuple[str, ...]
    modes: tuple[str, ...]
    sizes: tuple[tuple[int, ...], ...]
    owner: NDArray[np.intp]
    corners: NDArray[np.intp]
    gap: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """A name for each window: the name of its image or recording, with its corner."""
        places = zip(self.owner.tolist(), self.corners.tolist(), strict=True)
        return tuple(f"{self.names[i]}[{','.join(map(str, corner))}]" for i, corner in places)

    def of_image(self, i: int) -> Patches:
        """The windows of the image or recording with the number `i`."""
        chosen = self.owner == i
        return Patches(
            self.names[i : i + 1],
            self.modes[i : i + 1],
            self.sizes[i : i + 1],
            np.zeros(chosen.sum(), dtype=np.intp),
            self.corners[chosen],
            self.gap,
        )

    def chosen(self, which: NDArray[np.bool_]) -> Patches:
        """Those of the windows that are true in the mask `which (n,)`."""
        return replace(self, owner=self.owner[which], corners=self.corners[which])

    def of_whole_images(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Windows of images or recordings of which all are true in `among (n,)`, as a mask `(n,)`."""
        lacking = np.bincount(self.owner[~among], minlength=len(self.names))
        return lacking[self.owner] == 0

    def places(self, side: int) -> Iterator[tuple[int, tuple[slice, ...]]]:
        """Of each window the number of its image or recording, and where it lies in it."""
        for i, corner in zip(self.owner.tolist(), self.corners.tolist(), strict=True):
            yield i, tuple(slice(first, first + side) for first in corner)


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
    patches = covering([image.shape[:2] for image in images], names, modes, side)
    return np.stack([images[i][place] for i, place in patches.places(side)]), patches


def covering(
    sizes: Sequence[tuple[int, ...]],
    names: Sequence[str],
    modes: Sequence[str],
    side: int,
    stride: int | None = None,
) -> Patches:
    """The places of windows that cover images or recordings.

    Args:
        sizes: of each, along the axes of a window.
        names: of them.
        modes: of image files; empty for others.
        side: of a window along each axis.
        stride: from one window to the next; `side` if not given.

    Raises:
        InputError: for an image or a recording that is smaller than a window.
    """
    owner, corners = [], []
    for i, size in enumerate(sizes):
        if min(size) < side:
            raise InputError(too_small(names[i], size, side))
        grid = np.meshgrid(*(starts(length, side, stride or side) for length in size), indexing="ij")
        corners.append(np.column_stack([each.ravel() for each in grid]))
        owner.append(np.full(len(corners[-1]), i))
    return Patches(tuple(names), tuple(modes), tuple(sizes), np.concatenate(owner), np.concatenate(corners))


def too_small(name: str, size: tuple[int, ...], side: int) -> str:
    """The message for an image, or a recording, of a size that is smaller than a window."""
    if len(size) == 1:
        return f"{name} has {size[0]:,} time steps, too few for windows of {side:,}."
    return f"{name} is {show(size)} (height x width), too small for patches of {side}x{side}."


def starts(length: int, side: int, stride: int) -> list[int]:
    """The first places of the windows along an axis.

    >>> starts(10, 4, 4), starts(8, 4, 4), starts(9, 4, 2)
    ([0, 4, 6], [0, 4], [0, 2, 4, 5])
    """
    whole = range(0, length - side + 1, stride)
    return [*whole, *([length - side] if whole[-1] < length - side else [])]


def groups(patches: Patches, side: int) -> NDArray[np.intp]:
    """The group of each patch `(n,)`: its image, or the square region of it if there are one or two."""
    return patches.owner if len(patches.names) >= MIN_IMAGES else regions(patches, side)


def regions(patches: Patches, side: int) -> NDArray[np.intp]:
    """The square region of its image that each patch is in, `(n,)`; about `REGIONS` of them in all.

    The region of a patch is that of its first pixel, so that an overlapping patch is in the region of the
    patch before.
    """
    region = side * max(1, int(np.sqrt(len(patches.owner) / REGIONS)))
    places = np.column_stack([patches.owner, patches.corners // region])
    return np.unique(places, axis=0, return_inverse=True)[1]


def join(pieces: Array, patches: Patches) -> list[Array]:
    """Images or recordings `(*size[, channels])` from their windows `pieces (n, side, …[, channels])`.

    Where windows overlap, the last one counts.
    """
    side, axes = pieces.shape[1], patches.corners.shape[1]
    whole = [np.empty((*size, *pieces.shape[1 + axes :]), pieces.dtype) for size in patches.sizes]
    for piece, (i, place) in zip(pieces, patches.places(side), strict=True):
        whole[i][place] = piece
    return whole
