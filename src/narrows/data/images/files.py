"""Images of any size, read one at a time, for verbs that process whole images."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from narrows.data.arrays import arranged, is_one_image, load_npy
from narrows.data.axes import inner_axes
from narrows.data.calibration import Axes
from narrows.data.checks import check_finite, real
from narrows.data.datasets import DATASETS
from narrows.data.formats import format_of
from narrows.data.image_reading import picture_options
from narrows.data.images.folders import array_files, image_files, in_order
from narrows.data.images.gaps import without_gaps
from narrows.data.images.sets import ImageSet
from narrows.data.instruments.sets import ArrayFiles
from narrows.data.readers import read
from narrows.data.reading import INFERRED, Reading
from narrows.data.schema import Array


class Whole(NamedTuple):
    """An image of any size.

    Attributes:
        name: of its file, or with its number.
        pixels: `(height, width[, channels])`.
        mode: of its file, if any.
        size: height and width as it came, whatever is made of it.
    """

    name: str
    pixels: Array
    mode: str = ""
    size: tuple[int, ...] = ()


class Images(NamedTuple):
    """Images that are read while they are iterated over.

    Attributes:
        n: the number of images.
        files: whether they are image files.
        one: whether the input is a single image, not an array or folder of several.
        each: the images in order.
        gaps: the share of NaN in each image by name, known once it was read; NaN are filled.
        warnings: sentences about files that were left out or lost something.
        axes: of the array or the files that they come from, as `narrows.data.examples.Data` has them.
        lost: sentences about files whose values are not all read, which are among the `warnings`.
    """

    n: int
    files: bool
    one: bool
    each: Iterable[Whole]
    gaps: dict[str, float]
    warnings: tuple[str, ...] = ()
    axes: Axes = ()
    lost: tuple[str, ...] = ()


def read_whole(source: str, how: Reading = INFERRED) -> Images:
    """The images at `source`, of any sizes: image files, an array of one or several, a dataset.

    Args:
        source: as `read` takes it.
        how: the mode, the axes, and the size of image files.

    Raises:
        InputError: as `read` does; of an image file only when it is read.
    """
    gaps: dict[str, float] = {}
    if found := image_files(source):
        files = ImageSet(in_order(found.files), picture_options(how))
        each = (whole(one.name, one.pixels, gaps, one.mode, one.gaps) for one in files)
        warnings = (*found.warnings, *files.warnings)
        return Images(len(files), True, len(files) == 1, each, gaps, warnings, files.axes, files.warnings)
    path, _, part = source.partition("::")
    if source not in DATASETS and (found := array_files(path)):
        return of_array_files(ArrayFiles(found, part, how.axes_for), gaps)
    file = Path(source).expanduser()
    if source in DATASETS or format_of(file) != "npy" or not file.is_file():
        data = read(source, Reading("images", axes=how.axes))
        name, values, told = data.name, data.source, data.axes
    else:
        name, values, told = file.stem, load_npy(file), ()
    if axes := how.axes_for(values.shape):
        values = arranged(values, axes)
        if len(inner_axes(axes)) == len(axes):
            return Images(1, False, True, [whole(name, values.all()[0], gaps)], gaps, (), told)
    elif is_one_image(values.shape):
        return Images(1, False, True, [whole(name, values.all(), gaps)], gaps, (), told)
    each = (whole(f"{name}-{i}", values.take(range(i, i + 1))[0], gaps) for i in range(len(values)))
    return Images(len(values), False, False, each, gaps, (), told)


def of_array_files(files: ArrayFiles, gaps: dict[str, float]) -> Images:
    """The images in files of arrays, each read when it is asked for."""
    pictures = files.pictures
    each = (whole(name, files.image(i), gaps) for i, name in enumerate(pictures.names))
    return Images(len(files), True, len(files) == 1, each, gaps, pictures.warnings, files.axes)


def whole(name: str, pixels: Array, gaps: dict[str, float], mode: str = "", share: float = 0.0) -> Whole:
    """An image without NaN, after the checks of values that apply to all input.

    The share of its pixels that were NaN, now or before, is noted in `gaps`.
    """
    pixels, now = without_gaps(real(pixels, name), name)
    gaps[name] = now or share
    check_finite(pixels[None], name, allow_nan=False)
    return Whole(name, pixels, mode, pixels.shape[:2])
