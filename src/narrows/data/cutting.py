"""Arrays of images that are not in memory become patches, which are not either."""

from __future__ import annotations

from narrows.data.arrays import images_on_disk
from narrows.data.sources.on_disk import OnDisk
from narrows.data.sources.patches import PatchesOnDisk
from narrows.data.windows import Patches, covering


def cut_on_disk(values: OnDisk, name: str, axes: str | None, side: int) -> tuple[PatchesOnDisk, Patches]:
    """Square patches of the images of an array, one or several.

    Args:
        values: `(height, width[, channels])` or `(n, height, width[, channels])`, or as `axes` say.
        name: of the file.
        axes: a letter for each axis, if they are told.
        side: height and width of a patch.

    Raises:
        InputError: for an array without images, and images that are smaller than a patch.
    """
    images = images_on_disk(values, name, axes)
    names = [f"{name}-{i}" for i in range(len(images))]
    patches = covering([images.shape[1:3]] * len(names), names, (), side)
    return PatchesOnDisk(images, patches, side), patches
