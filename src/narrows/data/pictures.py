"""Read image files upright and in full bit depth; write images in the mode they were read in."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin, TiffImagePlugin, UnidentifiedImageError

from narrows.core.errors import InputError, reason, show
from narrows.core.files import writing
from narrows.core.memory import check_room
from narrows.data.formats import FORMATS, format_of, need, readable
from narrows.data.schema import Array

ENDINGS = readable("image")

ALLOWED = tuple(name.upper() for name, known in FORMATS.items() if "image" in known.holds)
"""The formats that Pillow may open; it refuses all others."""

MODES = {
    "1": "1",
    "L": "L",
    "LA": "LA",
    "P": "RGB",
    "RGB": "RGB",
    "RGBA": "RGBA",
    "I": "I",
    "I;16": "I;16",
    "F": "F",
}
"""Pillow's image modes that can be read, and the mode that each is converted to."""

BITS_PER_SAMPLE = 258
"""The TIFF tag of the bit depth of each channel."""

MOST_PIXELS = 89_000_000
"""The largest number of pixels of an image; a larger one is refused before it is decompressed."""


Size = tuple[int, int]
"""Height and width."""


class Picture(NamedTuple):
    """The pixels of a file, `(height, width[, channels])`, and its image mode."""

    pixels: Array
    mode: str


def read_pictures(files: Sequence[Path], resize: Size | None = None) -> tuple[Array, tuple[str, ...]]:
    """All `files` as one array `(n, height, width[, channels])`, and their modes.

    Args:
        files: at least one.
        resize: height and width to resize all images to.

    Raises:
        InputError: for a file that is no image, or differs from the first in size, channels or depth.
    """
    first = read_picture(files[0], resize)
    check_room(len(files) * first.pixels.nbytes, f"{len(files):,} images like {files[0].name} are")
    values = np.empty((len(files), *first.pixels.shape), first.pixels.dtype)
    modes = []
    for i, file in enumerate(files):
        picture = read_picture(file, resize) if i else first
        size, first_size = show(picture.pixels.shape[:2]), show(first.pixels.shape[:2])
        if size != first_size:
            raise InputError(
                f"{file.name} is {size}, but {files[0].name} is {first_size} (height x width); "
                f"--resize {first_size} resizes all."
            )
        check_alike(file, picture, files[0], first)
        values[i] = picture.pixels
        modes.append(picture.mode)
    return values, tuple(modes)


def read_pictures_of_any_size(files: Sequence[Path]) -> list[Picture]:
    """The images of `files`, of any sizes, but with the same channels and depth."""
    pictures = [read_picture(file) for file in files]
    for file, picture in zip(files, pictures, strict=True):
        check_alike(file, picture, files[0], pictures[0])
    return pictures


def check_alike(file: Path, picture: Picture, first_file: Path, first: Picture) -> None:
    """Refuse an image whose channels or depth differ from those of the first one."""
    a, b = picture.pixels, first.pixels
    if (a.shape[2:], a.dtype) != (b.shape[2:], b.dtype):
        raise InputError(
            f"{file.name} is {picture.mode} of {a.dtype}, but {first_file.name} is {first.mode} of "
            f"{b.dtype}; all images must have the same channels and depth."
        )


def read_picture(file: Path, resize: Size | None = None) -> Picture:
    """The image of `file`: EXIF orientation is applied, palettes are converted to colours."""
    try:
        with Image.open(file, formats=ALLOWED) as image:
            check_size(file, image.width, image.height)
            check_pages(file, is_stack(image), getattr(image, "n_frames", 1))
            if has_16_bit_colours(image):
                return read_tiff(file, resize)
            if image.mode not in MODES:
                known = ", ".join(MODES)
                raise InputError(f"{file.name} has the image mode {image.mode!r}. Known: {known}.")
            mode = image.mode
            upright = ImageOps.exif_transpose(image)
            upright = upright if mode == MODES[mode] else upright.convert(MODES[mode])
            return Picture(np.asarray(resized(upright, resize)), mode)
    except InputError:
        raise
    except UnidentifiedImageError as error:
        if format_of(file) == "tiff":
            return read_tiff(file, resize)
        raise InputError(f"{file.name} is no image, or not of the format its name says.") from error
    except Exception as error:  # a damaged file may raise anything in the parsers
        raise InputError(f"{file.name} cannot be read as an image: {reason(error)}.") from error


def check_size(file: Path, width: int, height: int) -> None:
    """Refuse an image of more than `MOST_PIXELS`."""
    if width * height > MOST_PIXELS:
        raise InputError(f"{file.name} has {width}x{height} pixels, but at most {MOST_PIXELS:,} can be read.")


def is_stack(image: Image.Image) -> bool:
    """Whether a TIFF has several pages of one size; smaller pages are previews of the first."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or image.n_frames == 1:
        return False
    first = image.size
    image.seek(1)
    second = image.size
    image.seek(0)
    return first == second


def check_pages(file: Path, stack: bool, n: int) -> None:
    """Refuse a stack of `n` pages, because only its first page would be read."""
    if stack:
        raise InputError(
            f"{file.name} holds {n} pages, but a file is read as one image; save them as an array: "
            f"numpy.save('{file.stem}.npy', tifffile.imread('{file.name}'))."
        )


def has_16_bit_colours(image: Image.Image) -> bool:
    """Whether the file has colours of 16 bits, which Pillow would reduce to 8 without a warning."""
    if isinstance(image, PngImagePlugin.PngImageFile):
        # The raw mode of a tile ends with the depth, as "RGB;16B" does.
        return any(str(tile[3]).endswith(("RGB;16B", "RGBA;16B", "LA;16B")) for tile in image.tile)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.mode in ("RGB", "RGBA") and 16 in image.tag_v2.get(BITS_PER_SAMPLE, ())
    return False


def read_tiff(file: Path, resize: Size | None) -> Picture:
    """A TIFF of a bit depth that Pillow cannot read, read by tifffile."""
    if format_of(file) != "tiff":
        raise InputError(f"{file.name} has colours of 16 bits, which are read from TIFF only; convert it.")
    try:
        import tifffile
    except ImportError as error:
        raise InputError(f"{file.name} is a TIFF of high bit depth, which {need('tiff')}.") from error
    try:
        with tifffile.TiffFile(file) as tiff:
            page = tiff.pages.first
            check_size(file, page.imagewidth, page.imagelength)
            check_pages(file, len(tiff.pages) > 1 and tiff.pages[1].shape == page.shape, len(tiff.pages))
            pixels = page.asarray()
    except InputError:
        raise
    except Exception as error:  # a damaged file may raise anything in the parser
        raise InputError(f"{file.name} cannot be read as a TIFF: {reason(error)}.") from error
    if resize is not None:
        raise InputError(
            f"{file.name} has pixels of {pixels.dtype} with {pixels.ndim} axes, which --resize cannot resize."
        )
    return Picture(np.asarray(pixels), "tifffile")


def resized(image: Image.Image, size: Size | None) -> Image.Image:
    """`image` resized to height and width `size`: by averages if it shrinks, else bicubic."""
    if size is None or (image.height, image.width) == size:
        return image
    shrinks = size[0] < image.height
    return image.resize(size[::-1], Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC)


def write_pictures(
    images: Sequence[Array] | Array, folder: Path, names: Sequence[str], modes: Sequence[str]
) -> None:
    """Write each image to a file, in the format of its name's ending and in its image mode.

    Args:
        images: `(height, width[, channels])` each.
        folder: is created if it does not exist.
        names: of the files. One without the ending of an image gets `.tif` for floats, else `.png`.
            Folders in names are created in `folder`; no file is written outside of it.
        modes: as `read_pictures` gave them; empty for images that do not come from files.

    Raises:
        InputError: when a file cannot be written, or no format holds such images.
        NoRoomError: when the disk is full.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for i, image in enumerate(images):
            ending = ".tif" if image.dtype.kind in "f" else ".png"
            name = names[i] if names else f"{i:06d}"
            path = Path(name if name.lower().endswith(ENDINGS) else name + ending)
            file = folder / (path.name if path.is_absolute() or ".." in path.parts else path)
            file.parent.mkdir(parents=True, exist_ok=True)
            write_picture(image, file, modes[i] if modes else "")


def write_picture(image: Array, file: Path, mode: str) -> None:
    """Write one image `(height, width[, channels])`."""
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if mode == "tifffile" or (image.ndim == 3 and (image.dtype != np.uint8 or image.shape[2] > 4)):
        write_tiff(image, file)
        return
    if image.dtype not in (np.bool_, np.uint8, np.uint16, np.int32, np.float32):
        raise InputError(f"Images of {image.dtype} cannot be written as image files; write .npy.")
    picture = Image.fromarray(image)
    if mode == "P":
        picture = picture.convert("P", palette=Image.Palette.ADAPTIVE)
    picture.save(file, quality=95)


def write_tiff(image: Array, file: Path) -> None:
    """Write one image `(height, width[, channels])` of any dtype as a TIFF."""
    try:
        import tifffile
    except ImportError as error:
        raise InputError(
            f"TIFF for images of {image.dtype} with {image.ndim} axes {need('tiff')}; or write .npy."
        ) from error
    photometric = "rgb" if image.shape[2:] in ((3,), (4,)) else "minisblack"
    layout: dict[str, Any] = {"photometric": photometric, "planarconfig": "contig"} if image.ndim == 3 else {}
    tifffile.imwrite(file if format_of(file) == "tiff" else file.with_suffix(".tif"), image, **layout)


def in_order(files: Sequence[Path]) -> dict[str, Path]:
    """Files by their paths relative to the folder that contains all of them, in natural order."""
    shared = os.path.commonpath([file.parent for file in files])
    names = {file.relative_to(shared).as_posix(): file for file in files}
    return {name: names[name] for name in sorted(names, key=natural)}


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key under which a2 comes before a10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]
