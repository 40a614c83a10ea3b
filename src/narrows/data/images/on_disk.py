"""Image files that are too large for memory together: each is read when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from narrows.core.errors import InputError
from narrows.data.columns import Array
from narrows.data.images.sets import ImageSet, Pictures
from narrows.data.sources.base import Index, Source


class ImageFiles(Source):
    """The images of files, of any sizes. The images of the file that was read last are kept.

    Its shape has the greatest height and width.

    Args:
        files: the files.
        pictures: what is known of their images.
    """

    in_memory = False

    def __init__(self, files: ImageSet, pictures: Pictures) -> None:
        self.files, self.pictures = files, pictures
        first = next(iter(files)).pixels
        height, width = np.max(pictures.sizes, axis=0).tolist()
        self.shape = (len(pictures.sizes), height, width, *first.shape[2:])
        self.dtype = first.dtype
        self.held: tuple[int, list[Array]] = (-1, [])

    def blocks(self) -> Sequence[Index]:
        return [range(i, i + 1) for i in range(len(self))]

    def take(self, index: Index) -> Array:
        return np.stack([self.image(int(i)) for i in index])

    def lines(self, images: range, lines: range) -> Array:
        return np.stack([self.image(i)[lines.start : lines.stop] for i in images])

    @property
    def strip(self) -> tuple[int, int]:
        return 1, self.shape[1]

    def image(self, i: int) -> Array:
        """The image with the number `i`, `(height, width[, channels])`.

        Raises:
            InputError: when its file cannot be read, or has changed.
        """
        file = self.pictures.files[i]
        if self.held[0] != file:
            self.held = (-1, [])  # the images before are not kept beside those that are read
            found = [one.pixels for one in self.files.of_file(list(self.files.files)[file])]
            self.held = (file, found)
        image = self.held[1][i - self.pictures.files.index(file)]
        if image.shape[:2] != self.pictures.sizes[i] or image.dtype != self.dtype:
            raise InputError(f"{self.pictures.names[i]} has changed while it was used; start again.")
        return image
