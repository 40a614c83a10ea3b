"""Read many image files as images with the same channels and depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError, few, show
from narrows.core.memory import check_room
from narrows.data.axes import explain
from narrows.data.calibration import Axes, shared_axes
from narrows.data.checks import check_finite
from narrows.data.columns import Array
from narrows.data.images.gaps import warn_of_gaps, without_gaps
from narrows.data.images.modes import check_layouts, common_layout, converted, what_changed, what_is_lost
from narrows.data.images.pictures import Header, Size, look, read_planes
from narrows.data.images.tiff_axes import tiff_axes
from narrows.data.sources.on_disk import bytes_of
from narrows.data.windows import MIN_IMAGES

KEPT = 2**28
"""Bytes of images of any size, of which as many are kept in memory at the most; a value counts as 4 at least.

While patches of them are trained on, they take about four times as much."""


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """How to read image files.

    Attributes:
        resize: height and width to resize all images to.
        mode: a key of `image_modes.CHANNELS`; by default that of `like`.
        like: the same, that of a fitted model; by default the most frequent one of the files.
        axes: the axes of TIFF files, instead of those that the files name.
    """

    resize: Size | None = None
    mode: str | None = None
    like: str | None = None
    axes: str | None = None


class One(NamedTuple):
    """An image with its name, its mode, the number of its file, and the share of its pixels that were NaN."""

    pixels: Array
    name: str
    mode: str
    file: int
    gaps: float


class Pictures(NamedTuple):
    """Image files that were read.

    Attributes:
        images: `(height, width[, channels])` each; one array if they have the same size, none if they are
            too large to be kept.
        sizes: height and width of the images.
        names: of the images: of their files, with a number where a file holds several.
        modes: of their files.
        files: the number of the file of each image.
        notes: sentences about what was done with the files.
        warnings: sentences about what was lost.
    """

    images: Array | list[Array]
    sizes: tuple[Size, ...]
    names: tuple[str, ...]
    modes: tuple[str, ...]
    files: tuple[int, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def groups(self) -> Array | None:
        """The file of each image as its group, where several files hold several images."""
        n = len(set(self.files))
        return np.array(self.files) if MIN_IMAGES <= n < len(self.files) else None

    @property
    def movies(self) -> Array:
        """The movie of each image, if they are frames: its file if one holds several, else its folder."""
        several = len(set(self.files)) < len(self.files)
        return np.unique(self.files if several else folders_of(self.names), return_inverse=True)[1]

    @property
    def labels(self) -> Array | None:
        """The folder of each image, if there are several."""
        folders = folders_of(self.names)
        return np.array(folders) if len(set(folders)) > 1 else None


class ImageSet:
    """Image files by name, of which the headers were read.

    Raises:
        InputError: for a file that is no image, or whose channels cannot be converted to those of the others.
    """

    def __init__(self, files: Mapping[str, Path], how: PictureOptions = PictureOptions()) -> None:
        self.files, self.how = files, how
        self.headers = {name: look(file, how.axes) for name, file in files.items()}
        self.layouts = {name: header.layout for name, header in self.headers.items()}
        self.mode = how.mode or how.like or common_layout(list(self.layouts.values()))
        check_layouts(self.layouts, self.mode)

    def __len__(self) -> int:
        return sum(header.n for header in self.headers.values())

    @property
    def axes(self) -> Axes:
        """What TIFF files say of the axes of their images: all of one file, or those that several share."""
        found = [tiff_axes(file) for file in self.files.values()]
        return found[0] if len(found) == 1 else shared_axes(found)

    @property
    def has_planes(self) -> bool:
        """Whether a file has more axes than height and width."""
        return any(header.planes is not None for header in self.headers.values())

    def __iter__(self) -> Iterator[One]:
        """The images one after the other, in the common mode; of any sizes."""
        for name in self.headers:
            yield from self.of_file(name)

    def of_file(self, name: str) -> Iterator[One]:
        """The images of one file."""
        header, number = self.headers[name], list(self.headers).index(name)
        mode = header.mode if header.layout == self.mode else header.layout
        for i, plane in enumerate(read_planes(self.files[name], header, self.how.resize)):
            pixels, gaps = without_gaps(converted(plane, header.layout, self.mode), name)
            check_finite(pixels[None], name, allow_nan=False)
            yield One(pixels, numbered(name, i) if header.n > 1 else name, mode, number, gaps)

    def read(self) -> Pictures:
        """All images as one array `(n, height, width[, channels])`.

        Raises:
            InputError: for an image that differs from the first in depth or size.
        """
        first = next(iter(self))
        check_room(len(self) * first.pixels.nbytes, f"{len(self):,} images like {first.name} are")
        values = np.empty((len(self), *first.pixels.shape), first.pixels.dtype)
        others = []
        for i, one in enumerate(self):
            check_alike(one, first, any_size=False)
            values[i] = one.pixels
            others.append(one._replace(pixels=first.pixels))
        return self._pictures(values, others)

    def read_of_any_size(self) -> Pictures:
        """All images as a list; none of them if they have `KEPT` bytes together.

        Raises:
            InputError: for an image that differs from the first in depth.
        """
        first = next(iter(self))
        images: list[Array] = []
        others, total = [], 0
        for one in self:
            check_alike(one, first, any_size=True)
            others.append(one._replace(pixels=np.broadcast_to(first.pixels.ravel()[0], one.pixels.shape)))
            total += bytes_of(one.pixels.shape, one.pixels.itemsize)
            images = [*images, one.pixels] if total < KEPT else []
        return self._pictures(images, others)

    def _pictures(self, images: Array | list[Array], ones: Sequence[One]) -> Pictures:
        """The `images` with what is known of them; `ones` have their sizes, not their pixels."""
        pixels, names, modes, files, gaps = zip(*ones, strict=True)
        sizes = tuple(each.shape[:2] for each in pixels)
        warnings = (*self.warnings, *warn_of_gaps(dict(zip(names, gaps, strict=True))))
        return Pictures(images, sizes, names, modes, files, self._notes(), warnings)

    def _notes(self) -> tuple[str, ...]:
        size, changed = self.how.resize, self._changed()
        return (
            *(() if size is None else (f"All images were resized to {show(size)}.",)),
            *((changed,) if changed and not self._lost() else ()),
            *note_of_axes(self.headers),
            *note_of_calibration(self.axes),
            *note_of_folders(list(self.files)),
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about files that lose something: by their mode, or by their depth."""
        return (
            *((self._changed(),) if self._lost() else ()),
            *warn_of_depth(self.headers),
            *warn_of_pages(self.headers),
        )

    def _changed(self) -> str:
        """A sentence about files of other modes."""
        modes = {name: header.mode for name, header in self.headers.items()}
        return what_changed(modes, self.layouts, self.mode)

    def _lost(self) -> str:
        """What files of other modes lose, unless their mode was asked for."""
        return "" if self.how.mode else what_is_lost({*self.layouts.values()}, self.mode)


def folders_of(names: Sequence[str]) -> list[str]:
    """The folder of each of `names`.

    >>> folders_of(["cats/1.png", "dogs/old/1.png"])
    ['cats', 'dogs/old']
    """
    return [PurePosixPath(name).parent.as_posix() for name in names]


def note_of_folders(names: Sequence[str]) -> tuple[str, ...]:
    """A sentence about the folders that are labels, if there are several."""
    folders = sorted(set(folders_of(names)))
    return (f"The labels are the {len(folders):,} folders: {few(folders)}.",) if len(folders) > 1 else ()


def numbered(name: str, i: int) -> str:
    """A name for image `i` of a file.

    >>> numbered("a/film.tif", 3)
    'a/film[3].tif'
    """
    path = PurePosixPath(name)
    return path.with_name(f"{path.stem}[{i}]{path.suffix}").as_posix()


def check_alike(one: One, first: One, *, any_size: bool) -> None:
    """Refuse an image whose depth, or with `any_size` size, differs from that of the first one."""
    a, b = one.pixels, first.pixels
    if (a.shape[2:], a.dtype) != (b.shape[2:], b.dtype):
        raise InputError(
            f"{one.name} is of {a.dtype}, but {first.name} is of {b.dtype}; all images must have the same "
            f"depth, because the same number means another brightness."
        )
    size, first_size = show(a.shape[:2]), show(b.shape[:2])
    if size != first_size and not any_size:
        raise InputError(
            f"{one.name} is {size}, but {first.name} is {first_size} (height x width); bring all to one "
            f"size, as fit does with --resize {first_size}, and every verb that uses its run."
        )


def warn_of_depth(headers: Mapping[str, Header]) -> tuple[str, ...]:
    """A sentence about files of which 8 of 16 bits are read, if there are any."""
    names = [name for name, header in headers.items() if header.reduced]
    if not names:
        return ()
    return (
        f"{len(names):,} of {len(headers):,} images are PNG files with 16 bits in several channels, of which "
        f"the 8 highest are kept: {few(names, 3)}; convert them to TIFF to keep all 16.",
    )


def warn_of_pages(headers: Mapping[str, Header]) -> tuple[str, ...]:
    """A sentence about files with pages of several sizes, if there are any."""
    names = [name for name, header in headers.items() if header.others]
    if not names:
        return ()
    pages = sum(header.others for header in headers.values())
    return (
        f"{pages:,} pages have another size than the first one of their file and are left out: "
        f"{few(names, 3)}; save them as files of their own to use them.",
    )


def note_of_calibration(axes: Axes) -> tuple[str, ...]:
    """A sentence about axes with units, if there are any."""
    named = [axis.text for axis in axes if axis.calibrated]
    return (f"Calibrated axes: {', '.join(named)}.",) if named else ()


def note_of_axes(headers: Mapping[str, Header]) -> tuple[str, ...]:
    """A sentence about the axes of the first file with several planes."""
    for name, header in headers.items():
        if header.planes is not None and len(header.planes.axes) > 2 and header.layout[:3] != "RGB":
            text = explain(header.planes.shape, header.planes.axes)
            return (f"The axes of {name} are {text}; if these are others, give --axes, as CYX.",)
    return ()
