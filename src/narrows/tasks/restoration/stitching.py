"""Large images, computed in overlapping patches and stitched without seams.

For models that take patches of one size only. Others are computed tile by tile
(`narrows.tasks.restoration.tiling`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

import numpy as np
from numpy.typing import NDArray

from narrows.core.steps import stepped
from narrows.data.examples import Data
from narrows.data.images.files import Whole
from narrows.data.schema import Array
from narrows.data.windows import covering, join
from narrows.tasks.restoration.recordings import in_type

MOST_VALUES = 2**23
"""Values of patches that are computed together, at the most."""


def stitched(image: Array, side: int, use: Callable[[Array], Array], name: str = "The image") -> Array:
    """`use` of an image, computed in patches that overlap by half.

    Where patches overlap, each counts less towards its border, so that the result has no seams and a value
    for each pixel.

    Args:
        image: `(height, width[, channels])`.
        side: height and width of a patch.
        use: maps patches `(n, side, side[, channels])` to arrays `(n, side, side[, …])`.
        name: of the image, for error messages.

    Raises:
        InputError: for an image that is smaller than a patch.
    """
    patches = covering([image.shape[:2]], [name], (), side, stride=max(1, side // 2))
    places = [place for _, place in patches.places(side)]
    weight, total = centred(side), np.zeros(image.shape[:2])
    step = max(1, MOST_VALUES // prod((side, side, *image.shape[2:])))
    whole, dtype = np.zeros(0), np.dtype(np.float64)
    starts = range(0, len(places), step)
    for first in stepped(starts, len(starts), f"{name}: patches"):
        here = places[first : first + step]
        made = use(np.stack([image[place] for place in here]))
        if not whole.size:
            whole, dtype = np.zeros((*image.shape[:2], *made.shape[3:])), made.dtype
        for place, patch in zip(here, made, strict=True):
            whole[place] += (patch.T * weight).T
            total[place] += weight
    return in_type((whole.T / total.T).T, dtype)


def centred(side: int) -> NDArray[np.float64]:
    """Weights `(side, side)` that fall from the centre to the border, symmetric.

    >>> centred(4)[1].tolist()
    [2.0, 4.0, 4.0, 2.0]
    """
    places = np.arange(side)
    along = np.minimum(places + 1.0, side - places)
    return np.outer(along, along)


def whole_images(data: Data) -> Iterator[Whole]:
    """The images that the patches `data` were cut from, one after the other."""
    patches = data.patches
    assert patches is not None
    modes = patches.modes or ("",) * len(patches.names)
    for i, (name, mode) in enumerate(zip(patches.names, modes, strict=True)):
        rows = np.flatnonzero(patches.owner == i)
        pixels = join(data.source.take(rows), patches.of_image(i))[0]
        yield Whole(name, pixels, mode, pixels.shape[:2])
