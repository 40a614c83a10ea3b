"""Arrays of images that are not in memory become patches, which are not either."""

from __future__ import annotations

from narrows.data.arrays import is_in_order, is_one_image
from narrows.data.axes import inner_axes
from narrows.data.kinds.images import ImageSchema
from narrows.data.sources.npy import NpyFile
from narrows.data.sources.patches import PatchesOnDisk
from narrows.data.windows import Patches, covering


def cut_file(values: NpyFile, name: str, axes: str | None, side: int) -> tuple[PatchesOnDisk, Patches] | None:
    """Square patches of the images of a file, one or several; None where lines are not in one piece.

    Args:
        values: `(height, width[, channels])` or `(n, height, width[, channels])`.
        name: of the file.
        axes: a letter for each axis, if they are told.
        side: height and width of a patch.

    Raises:
        InputError: for images that are smaller than a patch.
    """
    if not has_whole_lines(values.shape, axes):
        return None
    one = is_one_image(values.shape) if axes is None else len(inner_axes(axes)) == len(axes)
    names = [f"{name}-{i}" for i in range(1 if one else len(values))]
    height, width = values.shape[:2] if one else values.shape[1:3]
    patches = covering([(height, width)] * len(names), names, (), side)
    return PatchesOnDisk(values if one else values.joined(), patches, side), patches


def has_whole_lines(shape: tuple[int, ...], axes: str | None) -> bool:
    """Whether the lines of the images in an array are in one piece, each image with all its lines.

    >>> [has_whole_lines(shape, None) for shape in ((90, 80), (5, 90, 80), (5, 3, 90, 80))]
    [True, True, False]
    >>> [has_whole_lines((9, 8, 7), axes) for axes in ("YXC", "NYX", "YXN")]
    [True, True, False]
    """
    if axes is not None:
        inner = inner_axes(axes)
        return inner in ("HW", "HWC") and (len(inner) == len(axes) or is_in_order(axes))
    first = len(shape) == 4 and ImageSchema.axes_of(shape[1:]) == "CHW"
    return is_one_image(shape) or (len(shape) in (3, 4) and not first)
