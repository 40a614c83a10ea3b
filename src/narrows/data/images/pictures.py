"""Read image files upright and in full bit depth; write images in the mode they were read in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from narrows.core.errors import InputError, reason
from narrows.core.files import writing
from narrows.data.calibration import Axes
from narrows.data.checks import real
from narrows.data.columns import Array
from narrows.data.formats import FORMATS, form_of, format_of, need
from narrows.data.images.modes import MODES, layout_of, mode_to_read, rounded
from narrows.data.images.tiff import Planes, look_at_tiff, needs_tifffile, other_pages, read_tiff
from narrows.data.instruments.tiff_writing import OME
from narrows.data.instruments.writing import CREATED, created
from narrows.data.layout import of_images

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
        return Header(image.mode, layout, reduced=is_reduced(image), others=other_pages(image))


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


def write_pictures(
    images: Sequence[Array] | Array,
    folder: Path,
    names: Sequence[str],
    modes: Sequence[str],
    axes: Axes = (),
) -> None:
    """Write each image to a file, in the format of its name's ending and in its image mode.

    Args:
        images: `(height, width[, channels])` each.
        folder: is created if it does not exist.
        names: of the files. One without an ending that can be written gets `.tif` for floats and calibrated
            images, else `.png`. Folders in names are created in `folder`; no file is written outside of it.
        modes: as `read_pictures` gave them; empty for images that do not come from files.
        axes: of the array or the files that they came from, as `narrows.data.examples.Data` has them.

    Raises:
        InputError: when a file cannot be written, or no format holds such images.
        NoRoomError: when the disk is full.
    """
    calibrated = any(axis.calibrated for axis in axes)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for i, image in enumerate(images):
            ending = ".tif" if image.dtype.kind in "f" or calibrated else ".png"
            name = names[i] if names else f"{i:06d}"
            path = Path(name if form_of(Path(name), ("image", "stack")) else name + ending)
            file = folder / (path.name if path.is_absolute() or ".." in path.parts else path)
            file.parent.mkdir(parents=True, exist_ok=True)
            in_tiff = calibrated and image.dtype.name in OME
            if format_of(file) in CREATED and (in_tiff or format_of(file) != "tiff"):
                write_calibrated(image, file, axes)
            else:
                write_picture(image, file, modes[i] if modes else "")


def write_calibrated(image: Array, file: Path, axes: Axes) -> None:
    """Write one image `(height, width[, channels])` with what is known of its axes."""
    image = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    with created(file, of_images(1, image.shape, axes), image.dtype) as array:
        array[...] = image


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
    if mode == "P" and picture.mode in ("L", "RGB"):
        picture = picture.convert("P", palette=Image.Palette.ADAPTIVE)
    picture.save(file, quality=95, lossless=True)  # of these, JPEG and WebP know one each


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
