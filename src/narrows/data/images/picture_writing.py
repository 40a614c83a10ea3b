"""Write images to files without loss, in the mode they were read in, none over another."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from narrows.core.errors import InputError
from narrows.core.files import new_file, writing
from narrows.data.calibration import Axes
from narrows.data.columns import Array
from narrows.data.formats import form_of, format_of, need
from narrows.data.images.modes import as_came
from narrows.data.instruments.tiff_writing import OME
from narrows.data.instruments.writing import CREATED, created
from narrows.data.layout import of_images

HOLDS: dict[str, dict[str, tuple[int, ...]]] = {
    "png": {"bool": (1,), "uint8": (1, 2, 3, 4), "uint16": (1,)},
    "webp": {"uint8": (1, 3, 4)},
    "bmp": {"bool": (1,), "uint8": (1, 3)},
}
"""By format, the types of values and the numbers of channels that come back as they are; TIFF holds all."""

BY_PILLOW = {"bool": (1,), "uint8": (1, 2, 3, 4), "uint16": (1,), "int32": (1,), "float32": (1,)}
"""Those that Pillow writes to TIFF; others are written by tifffile."""

MOST_COLOURS = 256
"""Of a palette."""


class PictureFolder:
    """A folder to which images are written, each in the format of its name's ending and in its image mode.

    An image that such a file does not hold without loss, as JPEG none, has another ending behind its name:
    `.tif` for floats and calibrated images, else `.png`. A name that is taken gets a number.

    Args:
        folder: is created if it does not exist.

    Attributes:
        renamed: the names of the files that are not called as their images, by these.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.renamed = folder, dict[str, str]()
        self._taken = set[str]()

    def write(self, image: Array, name: str, mode: str = "", axes: Axes = ()) -> None:
        """Write one image `(height, width[, channels])`.

        Args:
            image: its pixels.
            name: of the file. Folders in it are created in the folder; no file is written outside of that.
            mode: as `read_pictures` gives it; empty for an image that does not come from a file.
            axes: of the array or the file that it came from, as `narrows.data.examples.Data` has them.

        Raises:
            InputError: when the file cannot be written, or no format holds such images.
            NoRoomError: when the disk is full.
        """
        image = as_came(squeezed(image), mode)
        found = self._named(name, image, axes)
        if form_of(Path(name), ("image", "stack")) or format_of(Path(name)) == "jpeg":
            self.renamed |= {name: found} if Path(found) != Path(name) else {}
        file = self.folder / found
        with writing(self.folder):
            file.parent.mkdir(parents=True, exist_ok=True)
        write_image(image, file, mode, axes)

    def _named(self, name: str, image: Array, axes: Axes) -> str:
        """The name of the file of an `image` called `name`, which is then taken."""
        path = Path(name)
        path = Path(path.name) if path.is_absolute() or ".." in path.parts else path
        ending = ""
        if not (form_of(path, ("image", "stack")) and holds(path, image)):
            ending = ".tif" if image.dtype.kind == "f" or in_tiff(image, axes) else ".png"
            ending = ending if holds(Path(f"a{ending}"), image) else ".tif"
        found, number = f"{path}{ending}", 1
        while found.casefold() in self._taken:
            number += 1
            last = ending or path.suffix
            found = f"{f'{path}{ending}'.removesuffix(last)}-{number}{last}"
        self._taken.add(found.casefold())
        return found


def write_pictures(
    images: Sequence[Array] | Array,
    folder: Path,
    names: Sequence[str] = (),
    modes: Sequence[str] = (),
    axes: Axes = (),
) -> dict[str, str]:
    """Write each of `images` to a file in `folder`, as `PictureFolder.write` does; its `renamed`.

    Without names the files are numbered.
    """
    found = PictureFolder(folder)
    for i, image in enumerate(images):
        found.write(image, names[i] if names else f"{i:06d}", modes[i] if modes else "", axes)
    return found.renamed


def holds(file: Path, image: Array) -> bool:
    """Whether the format of `file` holds an image without loss."""
    known = HOLDS.get(format_of(file))
    return known is None or prod(image.shape[2:]) in known.get(image.dtype.name, ())


def in_tiff(image: Array, axes: Axes) -> bool:
    """Whether an image has axes that only TIFF can tell."""
    return any(axis.calibrated for axis in axes) and image.dtype.name in OME


def write_image(image: Array, file: Path, mode: str = "", axes: Axes = ()) -> None:
    """Write one image `(height, width[, channels])` to `file`, which is complete or unchanged.

    Raises:
        InputError: when its format does not hold such an image without loss, or it cannot be written.
        NoRoomError: when the disk is full.
    """
    image = squeezed(image)
    if not holds(file, image):
        raise InputError(
            f"{file.name} cannot hold an image of {image.dtype} with {channels_of(image)} without loss; "
            f"write .tif, or .npy."
        )
    if format_of(file) in CREATED and (in_tiff(image, axes) or format_of(file) != "tiff"):
        write_calibrated(image, file, axes)
        return
    with new_file(file) as part:
        if format_of(file) == "tiff" and (mode == "tifffile" or not by_pillow(image)):
            write_tiff(image, part)
        else:
            picture = Image.fromarray(image)
            picture = in_palette(image) if mode == "P" and format_of(file) != "webp" else picture
            # Of these options each format knows its own.
            picture.save(part, format=format_of(file).upper(), lossless=True, exact=True)


def squeezed(image: Array) -> Array:
    """An image without an axis of one channel."""
    return image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image


def channels_of(image: Array) -> str:
    """How many channels an image has, in words."""
    channels = prod(image.shape[2:])
    return f"{channels} channel{'s' * (channels > 1)}"


def by_pillow(image: Array) -> bool:
    """Whether Pillow writes such an image to TIFF."""
    return prod(image.shape[2:]) in BY_PILLOW.get(image.dtype.name, ())


def write_calibrated(image: Array, file: Path, axes: Axes) -> None:
    """Write one image `(height, width[, channels])` with what is known of its axes."""
    with created(file, of_images(1, image.shape, axes), image.dtype) as array:
        array[...] = image


def in_palette(image: Array) -> Image.Image:
    """An image with a palette, if it is of bytes, without opacity, and has few enough colours for one."""
    colours = image.shape[2:] or (1,)
    if image.dtype != np.uint8 or colours not in ((1,), (3,)):
        return Image.fromarray(image)
    found, numbers = np.unique(image.reshape(-1, *colours), axis=0, return_inverse=True)
    if len(found) > MOST_COLOURS:
        return Image.fromarray(image)
    picture = Image.fromarray(numbers.reshape(image.shape[:2]).astype(np.uint8))
    picture.putpalette(np.broadcast_to(found, (len(found), 3)).tobytes())
    return picture


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
    tifffile.imwrite(file, image, **layout)
