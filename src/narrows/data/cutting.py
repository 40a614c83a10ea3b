"""Patches of images, grouped; those of images that are not in memory are not either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from narrows.core.errors import InputError
from narrows.data.array_data import array_data
from narrows.data.arrays import doubt, image_axes, images_in, images_on_disk, on_disk
from narrows.data.checks import real
from narrows.data.columns import Array
from narrows.data.datasets import patch_labels
from narrows.data.examples import Data
from narrows.data.images import sets
from narrows.data.images.folders import printable
from narrows.data.images.gaps import filled_images, warn_of_gaps, without_gaps
from narrows.data.images.on_disk import ImageFiles
from narrows.data.images.sets import ImageSet, Pictures
from narrows.data.instruments.sets import ArrayFiles
from narrows.data.reading import Reading
from narrows.data.sources import Values, as_source
from narrows.data.sources.on_disk import OnDisk, bytes_of
from narrows.data.sources.patches import PatchesOnDisk
from narrows.data.split import name_groups
from narrows.data.windows import ENOUGH_IMAGES, MIN_IMAGES, Patches, covering, cut, groups, regions


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


def from_pictures(files: ImageSet, pictures: Pictures, name: str, how: Reading) -> Data:
    """Square patches of the images of `files`, which stay there if they are too large for memory."""
    if pictures.images:
        return from_patches(list(pictures.images), pictures.names, pictures.modes, name, how)
    source, patches = cut_image_files(files, pictures, patch_side(how, name))
    return grouped(on_disk(source, name, "images"), patches, how)


def from_array_files(files: ArrayFiles, how: Reading) -> Data:
    """Square patches of the images in files of arrays, which stay there if they are too large for memory."""
    name, pictures, side = files.found.name, files.pictures, patch_side(how, files.found.name)
    if sum(bytes_of((*size, *files.shape[3:]), files.dtype.itemsize) for size in pictures.sizes) < sets.KEPT:
        pairs = [without_gaps(files.image(i), each) for i, each in enumerate(pictures.names)]
        shares = dict(zip(pictures.names, (share for _, share in pairs), strict=True))
        data = from_patches([image for image, _ in pairs], pictures.names, pictures.modes, name, how)
        return replace(data, warnings=warn_of_gaps(shares))
    patches = covering(pictures.sizes, pictures.names, pictures.modes, side)
    pieces = PatchesOnDisk(files, patches, side)
    return grouped(on_disk(pieces, name, "images"), patches, how)


def from_patches(
    images: Sequence[Array], names: Sequence[str], modes: Sequence[str], name: str, how: Reading
) -> Data:
    """Square patches of `images`."""
    pieces, patches = cut(images, names, modes, patch_side(how, name))
    return grouped(array_data(pieces, "images", name), patches, how)


def cut_array(values: Values, name: str, how: Reading) -> Data:
    """Patches of the images of an array: one or several, channels last or first, or as `how` says."""
    source, axes = as_source(values), how.axes_for(values.shape)
    doubts = doubt(source.shape, "NHW") if axes is None and image_axes(source.shape, name) == "NYX" else ()
    if isinstance(source, OnDisk):
        pieces, patches = cut_on_disk(source, name, axes, patch_side(how, name))
        return replace(grouped(on_disk(pieces, name, "images"), patches, how), warnings=doubts)
    images = images_in(real(source.all(), name), name, axes)
    images, warnings = filled_images(images)
    data = from_patches(list(images), [f"{name}-{i}" for i in range(len(images))], (), name, how)
    return replace(data, warnings=(*doubts, *warnings))


def cut_dataset(data: Data, how: Reading) -> Data:
    """Patches of the images of a dataset, and of those of its test part."""
    if data.schema.spatial != 2:
        raise InputError(
            f"--patch cuts images, but {data.name} is read as {data.schema.kind}; leave --patch out."
        )
    names = data.ids or [f"{data.name}-{i}" for i in range(len(data))]
    found = from_patches(list(data.array), names, (), data.name, how)
    assert found.patches is not None
    labels = patch_labels(data, found.patches, patch_side(how, data.name))
    test = None if data.test is None else cut_dataset(data.test, how)
    return replace(found, labels=labels, test=test, notes=(*data.notes, *found.notes))
