"""Patches of images, grouped; those of images that are not in memory are not either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from narrows.core.errors import InputError
from narrows.data.arrays import images_on_disk
from narrows.data.examples import Data
from narrows.data.images.folders import printable
from narrows.data.images.on_disk import ImageFiles
from narrows.data.images.sets import ImageSet, Pictures
from narrows.data.reading import Reading
from narrows.data.sources.on_disk import OnDisk
from narrows.data.sources.patches import PatchesOnDisk
from narrows.data.split import name_groups
from narrows.data.windows import ENOUGH_IMAGES, MIN_IMAGES, Patches, covering, groups, regions


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


def cut_image_files(files: ImageSet, pictures: Pictures, side: int) -> tuple[PatchesOnDisk, Patches]:
    """Square patches of the images of `files`, of which `pictures` says the sizes."""
    patches = covering(pictures.sizes, pictures.names, pictures.modes, side)
    return PatchesOnDisk(ImageFiles(files, pictures), patches, side), patches


def patch_side(how: Reading, name: str) -> int:
    """Height and width of a patch."""
    assert how.patch is not None
    if how.kind not in (None, "images"):
        raise InputError(
            f"Only images are cut into patches, but {name} is to be read as {how.kind}; leave one out."
        )
    return how.patch


def grouped(data: Data, patches: Patches, how: Reading) -> Data:
    """The patches `data`, grouped as `how` says, else by image, or by region of few images."""
    group = groups(patches, data.schema.shape[0])
    if how.groups is not None:
        group = name_groups(patches.names, how.groups)[patches.owner]
    few = how.groups is None and MIN_IMAGES <= len(patches.names) < ENOUGH_IMAGES
    counted = regions(patches, data.schema.shape[0]) if few else None
    of = "" if counted is None else f", of which {len(np.unique(counted)):,} regions count"
    note = (
        f"{len(patches.names):,} images were cut into {len(data):,} patches, in {len(np.unique(group)):,} "
        f"groups{of}."
    )
    ids = tuple(map(printable, patches.ids))
    return replace(data, ids=ids, groups=group, stretches=counted, patches=patches, notes=(note, *data.notes))
