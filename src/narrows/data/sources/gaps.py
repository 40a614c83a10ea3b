"""Images that are too large for memory, without NaN."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.images.gaps import without_gaps
from narrows.data.sources.base import Index, Source


class WithoutGaps(Source):
    """The images of another source, whose NaN are filled with the nearest pixel when they are read.

    Args:
        images: `(n, height, width[, channels])` of floats.
        name: for messages.
    """

    in_memory = False

    def __init__(self, images: Source, name: str) -> None:
        self.images, self.name = images, name
        self.shape, self.dtype = images.shape, images.dtype

    def blocks(self) -> Sequence[Index]:
        return self.images.blocks()

    def take(self, index: Index) -> Array:
        """The images with the numbers `index`.

        Raises:
            InputError: for an image of which all pixels of a channel are NaN.
        """
        return self._filled(self.images.take(index), index)

    def moved(self, index: Index, moves: NDArray[np.intp]) -> Array:
        return self._filled(self.images.moved(index, moves), index)

    def _filled(self, images: Array, index: Index) -> Array:
        for i in np.flatnonzero(np.isnan(images).any(axis=tuple(range(1, images.ndim)))):
            images[i] = without_gaps(images[i], f"image {index[i]} of {self.name}")[0]
        return images
