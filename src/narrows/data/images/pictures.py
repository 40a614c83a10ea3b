"""Read image files upright and in full bit depth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from narrows.core.errors import InputError, reason
from narrows.data.checks import real
from narrows.data.columns import Array
from narrows.data.formats import FORMATS, format_of
from narrows.data.images.modes import MODES, layout_of, mode_to_read, rounded
from narrows.data.images.tiff import Planes, look_at_tiff, needs_tifffile, other_pages, read_tiff

ALLOWED = tuple(name.upper() for name, known in FORMATS.items() if "image" in known.holds)
"""The formats that Pillow may open; it refuses all others."""

MOST_PIXELS = 89_000_000
"""The largest number of pixels of an image; a larger one is refused before it is decompressed."""


Size = tuple[int, int]
"""Height and width."""


class Picture(NamedTuple):
    """The pixels of an image, `(height, width[, channels])`, and the mode of its file."""

    pixels: Array
    mode: str


class Header(NamedTuple):
    """What a file says about its images.

    Attributes:
        mode: the image mode of the file; "tifffile" where tifffile reads it.
        layout: the channels of its images, as in `image_modes.CHANNELS`.
        planes: the number of images and their axes, where tifffile reads them.
        reduced: whether its values have 16 bits, of which the 8 highest are read.
        others: pages of a TIFF of other sizes, which are left out.
    """

    mode: str
    layout: str
    planes: Planes | None = None
    reduced: bool = False
    others: int = 0

    @property
    def n(self) -> int:
        """The number of images."""
        return 1 if self.planes is None else self.planes.n


def look(file: Path, axes: str | None = None) -> Header:
    """The header of an image file; `axes` are those of a TIFF to believe instead of the file's."""
    with opened(file) as image:
        if image is None or needs_tifffile(image):
            found = look_at_tiff(file, axes)
            return Header("tifffile", found.layout, found, others=found.others)
        layout = layout_of(mode_to_read(image))
        # A colour that is transparent is opacity, which the mode does not tell.
        mode = layout if image.mode in ("L", "RGB") else image.mode
        return Header(mode, layout, reduced=is_reduced(image), others=other_pages(image))


def read_picture(file: Path, resize: Size | None = None) -> Picture:
    """The only image of `file`, as `read_planes` reads it.

    Raises:
        InputError: when the file holds several, or no image.
    """
    header = look(file)
    if header.n > 1:
        raise InputError(f"{file.name} holds {header.n} images, but one is wanted here.")
    return Picture(next(read_planes(file, header, resize)), header.mode)


def read_planes(file: Path, header: Header, resize: Size | None = None) -> Iterator[Array]:
    """The images of `file`: EXIF orientation is applied, palettes are converted to colours."""
    if header.planes is not None:
        yield from (resized_array(pixels, resize) for pixels in read_tiff(file, header.planes.axes))
        return
    with opened(file) as image:
        assert image is not None
        mode = mode_to_read(image)
        upright = ImageOps.exif_transpose(image)
        upright = upright if image.mode == mode else upright.convert(mode)
        yield real(np.asarray(resized(upright, resize)), file.name)


@contextmanager
def opened(file: Path) -> Iterator[Image.Image | None]:
    """An image as Pillow opens it, of a size and mode that can be read; None for a TIFF unknown to Pillow.

    Raises:
        InputError: for other files, and instead of any error inside the block.
    """
    try:
        with Image.open(file, formats=ALLOWED) as image:
            check_size(file, image.width, image.height)
            check_image(file, image)
            yield image
    except InputError:
        raise
    except UnidentifiedImageError as error:
        if format_of(file) != "tiff":
            raise InputError(f"{file.name} is no image, or not of the format its name says.") from error
        yield None
    except Exception as error:  # a damaged file may raise anything in the parsers
        raise InputError(f"{file.name} cannot be read as an image: {reason(error)}.") from error


def check_size(file: Path, width: int, height: int) -> None:
    """Refuse an image of more than `MOST_PIXELS`."""
    if width * height > MOST_PIXELS:
        raise InputError(f"{file.name} has {width}x{height} pixels, but at most {MOST_PIXELS:,} can be read.")


def check_image(file: Path, image: Image.Image) -> None:
    """Refuse an image of which Pillow would read a part only, or whose mode is not known."""
    if image.mode not in MODES and not needs_tifffile(image):
        raise InputError(f"{file.name} has the image mode {image.mode!r}. Known: {', '.join(MODES)}.")
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format in ("PNG", "WEBP"):
        raise InputError(f"{file.name} is a film of {frames} images; save each of them as a file.")


def is_reduced(image: Image.Image) -> bool:
    """Whether Pillow reads 8 of 16 bits, as of a PNG in colours or with opacity.

    The raw mode of a tile ends with the depth, as "RGB;16B" does.
    """
    deep = ("RGB;16B", "RGBA;16B", "LA;16B")
    return isinstance(image, PngImagePlugin.PngImageFile) and any(
        str(tile[3]).endswith(deep) for tile in image.tile
    )


def resized(image: Image.Image, size: Size | None) -> Image.Image:
    """`image` resized to height and width `size`: by averages if it shrinks, else bicubic."""
    if size is None or (image.height, image.width) == size:
        return image
    shrinks = size[0] < image.height
    return image.resize(size[::-1], Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC)


def resized_array(pixels: Array, size: Size | None) -> Array:
    """As `resized`, of pixels `(height, width[, channels])` of any type."""
    if size is None or pixels.shape[:2] == size:
        return pixels
    channels = np.atleast_3d(pixels).astype(np.float32)
    made = [np.asarray(resized(Image.fromarray(plane), size)) for plane in np.moveaxis(channels, -1, 0)]
    values = np.stack(made, axis=-1).reshape(*size, *pixels.shape[2:])
    return rounded(values, pixels.dtype)
