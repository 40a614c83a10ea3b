"""Files of arrays in a folder, as microscopes write them, as one set of images."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from narrows.core.errors import InputError, few, show
from narrows.data.arrays import images_on_disk
from narrows.data.calibration import Axes, shared_axes
from narrows.data.checks import check_real
from narrows.data.columns import Array
from narrows.data.formats import format_of
from narrows.data.images.folders import Found, in_order
from narrows.data.images.sets import Pictures, numbered
from narrows.data.instruments.files import STORED
from narrows.data.sources.base import Index, Source
from narrows.data.sources.on_disk import OnDisk, rows_in_block
from narrows.data.stored import Stored
from narrows.data.stored_reading import image_letters, scan_axes

Told = Callable[[tuple[int, ...]], str | None]
"""Of a shape the letters of its axes, if they are told."""


class ArrayFiles(Source):
    """The images in files of arrays, of any sizes. Only the file that was read last stays open.

    Its shape has the greatest height and width; examples are read where all have them, else `lines`.

    Args:
        found: the files.
        part: the name of the array in each; empty for the only one.
        told: the letters of the axes of an array, instead of those that its file names.

    Raises:
        InputError: for a file that cannot be read, that is a scan, or whose images have another type or other
            channels than those of the first.
    """

    in_memory = False

    def __init__(self, found: Found, part: str, told: Told) -> None:
        self.found, self.part, self.told = found, part, told
        self.files = in_order(found.files)
        self.held: tuple[int, OnDisk | None] = (-1, None)
        like, axes, counts = self.images(0), list[Axes](), list[int]()
        self.sizes: list[tuple[int, int]] = []
        for i, name in enumerate(self.files):
            images = self.images(i)
            check_channels(images, name, like, next(iter(self.files)))
            axes.append(images.stored.axes or ())
            counts.append(len(images))
            self.sizes.append((images.shape[1], images.shape[2]))
        self.owner, self.first = np.repeat(np.arange(len(counts)), counts), np.cumsum([0, *counts])
        self.axes, self.uneven = shared_axes(axes), uneven(axes, list(self.files))
        height, width = np.max(self.sizes, axis=0).tolist()
        self.shape = (len(self.owner), height, width, *like.shape[3:])
        self.dtype, self.row = like.dtype, like.strip[1]

    def images(self, i: int) -> OnDisk:
        """The images of the file with the number `i`, `(n, height, width[, channels])`."""
        if self.held[0] != i or self.held[1] is None:
            name, file = list(self.files.items())[i]
            self.held = (-1, None)  # one file is open at a time
            stored = STORED[format_of(file)](file, self.part)
            check_real(stored.array.dtype, name)
            self.held = (i, images_on_disk(OnDisk(stored), name, self._letters(stored, name)))
        assert self.held[1] is not None
        return self.held[1]

    def _letters(self, stored: Stored, name: str) -> str | None:
        """The letters of the axes of an array, if they are known.

        Raises:
            InputError: for a scan.
        """
        told = self.told(stored.shape)
        if told is None and (scan := scan_axes(stored)) is not None:
            raise InputError(
                f"{name} is a scan of the shape {show(stored.shape)} with the axes {scan.text}, but of "
                f"several files images are read; give one scan at a time."
            )
        return told or image_letters(stored)

    @property
    def pictures(self) -> Pictures:
        """What is known of the images."""
        names = [
            numbered(name, i) if end - first > 1 else name
            for name, first, end in zip(self.files, self.first, self.first[1:], strict=False)
            for i in range(end - first)
        ]
        sizes, n = tuple(self.sizes[i] for i in self.owner), len(self)
        notes = (f"{len(self.files):,} files hold {n:,} images.", *self.found.notes)
        warnings = (*self.found.warnings, *self.uneven)
        return Pictures([], sizes, tuple(names), ("",) * n, tuple(self.owner.tolist()), notes, warnings)

    def of_one_size(self) -> ArrayFiles:
        """These images, after a check of their sizes.

        Raises:
            InputError: for an image of another size than the first.
        """
        for name, size in zip(self.files, self.sizes, strict=True):
            if size != self.sizes[0]:
                raise InputError(
                    f"{name} is {show(size)}, but {next(iter(self.files))} is {show(self.sizes[0])} "
                    f"(height x width); cut all into patches of one size with --patch."
                )
        return self

    def blocks(self) -> Sequence[Index]:
        step = rows_in_block(self)
        return [range(first, min(first + step, len(self))) for first in range(0, len(self), step)]

    def take(self, index: Index) -> Array:
        rows = np.arange(len(self))[index.start : index.stop] if isinstance(index, range) else index
        taken = np.empty((len(rows), *self.shape[1:]), self.dtype)
        for file in np.unique(self.owner[rows]):
            places = np.flatnonzero(self.owner[rows] == file)
            taken[places] = self.images(int(file)).take(rows[places] - self.first[file])
        return taken

    def image(self, i: int) -> Array:
        """The image with the number `i`, of its own size."""
        file, row = self.place(i)
        return self.images(file).take(row)[0]

    def lines(self, images: range, lines: range) -> Array:
        places = map(self.place, images)
        return np.concatenate([self.images(file).lines(row, lines) for file, row in places])

    def place(self, i: int) -> tuple[int, range]:
        """The number of the file of the image `i`, and its row in this."""
        file = int(self.owner[i])
        return file, range(i - int(self.first[file]), i - int(self.first[file]) + 1)

    @property
    def strip(self) -> tuple[int, int]:
        return 1, self.row


def check_channels(images: Source, name: str, like: Source, first: str) -> None:
    """Refuse images of another type, or with other channels, than those of the first file.

    Raises:
        InputError: with both.
    """
    if (images.shape[3:], images.dtype) != (like.shape[3:], like.dtype):
        raise InputError(
            f"{name} holds images of {described(images)}, but {first} of {described(like)}; all must have "
            f"the same channels and depth."
        )


def described(images: Source) -> str:
    """The channels and the type of images in words."""
    return f"{images.dtype}" + (f" with {images.shape[3]} channels" if len(images.shape) > 3 else "")


def uneven(axes: Sequence[Axes], names: Sequence[str]) -> tuple[str, ...]:
    """A sentence about files that say different sizes of a pixel, if there are any."""
    steps: dict[str, str] = {}
    for name, known in zip(names, axes, strict=True):
        for axis in known:
            if axis.letter in ("X", "Kx") and axis.calibrated:
                steps.setdefault(f"{axis.scale:.4g} {axis.unit}", name)
    if len(steps) < 2:
        return ()
    texts = [f"{step} ({name})" for step, name in steps.items()]
    return (
        f"A pixel of these files has {len(steps)} sizes: {few(texts, 3)}; images of one magnification show a "
        f"model the same structures in the same size.",
    )
