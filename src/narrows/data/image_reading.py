"""Read image files as data: images of one size, or patches of images of any size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from narrows.core.errors import InputError
from narrows.data.array_data import array_data
from narrows.data.cutting import from_pictures
from narrows.data.examples import Data
from narrows.data.images.folders import Found, in_order
from narrows.data.images.modes import mode_for
from narrows.data.images.sets import ImageSet, PictureOptions
from narrows.data.movies import Movies
from narrows.data.reading import Reading
from narrows.data.split import name_groups


def read_images(found: Found, how: Reading) -> Data:
    """Images of one size and mode, or patches of images of any size, in natural order of their names."""
    files = ImageSet(in_order(found.files), picture_options(how))
    if how.axes and how.like is None and not files.has_planes:
        raise InputError(f"--axes says the axes of arrays and TIFF stacks, but {found.name} holds neither.")
    if how.patch is not None:
        pictures = files.read_of_any_size()
        data = from_pictures(files, pictures, found.name, how)
    else:
        pictures = files.read()
        assert isinstance(pictures.images, np.ndarray)
        data = array_data(pictures.images, how.kind or "images", found.name, ids=pictures.names)
        groups = pictures.groups if how.groups is None else name_groups(pictures.names, how.groups)
        movies = Movies(pictures.movies) if how.movie and how.groups is None else None
        data = replace(data, modes=pictures.modes, groups=groups, labels=pictures.labels, movies=movies)
    notes = (*found.notes, *pictures.notes, *data.notes)
    warnings = (*found.warnings, *pictures.warnings)
    return replace(data, notes=notes, warnings=warnings, axes=files.axes)


def picture_options(how: Reading) -> PictureOptions:
    """How to read image files: with the channels that a fitted model has."""
    return PictureOptions(how.resize, how.mode, mode_for(how.like), how.axes)
