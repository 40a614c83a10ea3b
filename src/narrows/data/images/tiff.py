"""Read TIFF files with tifffile: several planes, any depth, and the axes that the file names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, TiffImagePlugin

from narrows.core.errors import InputError, reason, show
from narrows.core.memory import check_room
from narrows.data.axes import MEANINGS, arrange, inner_axes
from narrows.data.checks import real
from narrows.data.columns import Array
from narrows.data.formats import need

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPageSeries

BITS_PER_SAMPLE, DESCRIPTION, SAMPLES_PER_PIXEL, SAMPLE_FORMAT = 258, 270, 277, 339
"""TIFF tags: bits and number of the values of a pixel, their type, and a text, where ImageJ counts planes."""

SUBFILE_TYPE, REDUCED = 254, 1
"""The tag that says what a page is, and its bit of a reduction of another one."""

UNSIGNED, FLOAT = 1, 3
"""Values of `SAMPLE_FORMAT`."""

EXACT = {"I;16": (16, UNSIGNED), "I;16L": (16, UNSIGNED), "I;16B": (16, UNSIGNED), "F": (32, FLOAT)}
"""The bits and type of the values that Pillow reads exactly in modes of more than 8 bits."""


class Planes(NamedTuple):
    """The images of a TIFF file.

    Attributes:
        n: their number.
        axes: of the file.
        shape: of the file.
        layout: the mode of their colours.
        others: pages of other sizes, which are left out.
    """

    n: int
    axes: str
    shape: tuple[int, ...]
    layout: str
    others: int = 0


def needs_tifffile(image: Image.Image) -> bool:
    """Whether Pillow would read only a part of the values of a TIFF, or change them."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    return is_stack(image) or not is_exact(image)


def is_stack(image: TiffImagePlugin.TiffImageFile) -> bool:
    """Whether a TIFF has several planes of one size; smaller pages are previews of the first.

    ImageJ writes large stacks with a single page, and says in the description how many planes follow.
    """
    text = str(image.tag_v2.get(DESCRIPTION, ""))
    planes = re.search(r"^images=(\d+)", text, re.MULTILINE) if text.startswith("ImageJ") else None
    if planes and int(planes[1]) > 1:
        return True
    if image.n_frames == 1:
        return False
    first = image.size
    image.seek(1)
    second = image.size
    image.seek(0)
    return first == second


def other_pages(image: Image.Image) -> int:
    """The number of pages of a TIFF, of which the first alone is read, that are no reductions of it."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or image.n_frames == 1:
        return 0
    others = 0
    for page in range(1, image.n_frames):
        image.seek(page)
        others += not image.tag_v2.get(SUBFILE_TYPE, 0) & REDUCED
    image.seek(0)
    return others


def is_exact(image: TiffImagePlugin.TiffImageFile) -> bool:
    """Whether Pillow reads all values of a page, in their depth."""
    bits = image.tag_v2.get(BITS_PER_SAMPLE, (1,))
    if image.mode in EXACT:
        depth, kind = EXACT[image.mode]
        return set(bits) == {depth} and image.tag_v2.get(SAMPLE_FORMAT, (UNSIGNED,))[0] == kind
    samples = image.tag_v2.get(SAMPLES_PER_PIXEL, 1)
    return image.mode != "I" and max(bits) <= 8 and samples <= len(image.getbands())


def look_at_tiff(file: Path, axes: str | None = None) -> Planes:
    """The planes of a file, without their values; `axes` are those to believe instead of the file's."""
    with readable(file), opened(file) as tiff:
        found = planes(file, tiff.series[0], axes)
        others = [page for series in tiff.series[1:] for page in series.pages]
        return found._replace(others=sum(not getattr(page, "is_reduced", False) for page in others))


def read_tiff(file: Path, axes: str | None = None) -> Array:
    """The images of a file, `(n, height, width[, channels])`."""
    with readable(file), opened(file) as tiff:
        series = tiff.series[0]
        found = planes(file, series, axes)
        check_room(series.size * series.dtype.itemsize, f"{file.name} unpacks to")
        return arrange(real(series.asarray(), file.name), found.axes, "HWC").values


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Turn what a damaged file raises in the parser, which may be anything, into one sentence."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{file.name} cannot be read as a TIFF: {reason(error)}.") from error


def opened(file: Path) -> TiffFile:
    """`file` as tifffile opens it."""
    try:
        import tifffile
    except ImportError as error:
        raise InputError(
            f"{file.name} is a TIFF of several planes or high depth, which {need('tiff')}."
        ) from error
    return tifffile.TiffFile(file)


def planes(file: Path, series: TiffPageSeries, axes: str | None) -> Planes:
    """The planes of a series, whose axes are `axes` or those that the file names.

    Raises:
        InputError: when the axes are not those of images.
    """
    shape, letters = tuple(series.shape), known_letters(str(series.axes))
    if axes is not None and (len(axes) == len(shape) or len(shape) > 2):  # a single plane needs no --axes
        letters = axes
    if not prod(shape):
        raise InputError(f"{file.name} has the shape {show(shape)} and holds no pixels.")
    inner = inner_axes(letters)
    if len(letters) != len(shape) or not {"H", "W"} <= {*inner}:
        raise InputError(
            f"{file.name} has the shape {show(shape)} and the axes {series.axes}, which {letters} does not "
            f"describe as images; give --axes a letter for each axis, as in TCYX."
        )
    lengths = dict(zip(letters, shape, strict=True))
    colours = {3: "RGB", 4: "RGBA"}.get(lengths.get("S", 0))
    channels = prod(lengths[letter] for letter in letters if letter in "CS")
    n = prod(lengths[letter] for letter in letters if letter not in MEANINGS)
    return Planes(n, letters, shape, colours or ("L" if "C" not in inner else f"{channels} channels"))


def known_letters(axes: str) -> str:
    """The axes that a file names, as `arrange` understands them.

    H, W and F mean other things in TIFF files. Of files with several channels of colours each, these are
    examples.

    >>> known_letters("HYX"), known_letters("CYXS")
    ('QYX', 'QYXS')
    """
    others = "HWFC" if "S" in axes else "HWF"
    return "".join("Q" if letter in others else letter for letter in axes)
