"""Lists of images, as arrays or of Pillow, as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from narrows.core.errors import InputError, show
from narrows.data.images.modes import MODES, mode_to_read
from narrows.data.schema import Array


def is_list(X: Any) -> bool:
    """Whether `X` is a list of images, each of which has two axes or more."""
    return isinstance(X, (list, tuple)) and bool(X) and all(is_image(item) for item in X)


def shape_of(data: Any) -> tuple[int, ...]:
    """The shape of an array or of a list of arrays; `()` where there is none."""
    if isinstance(data, (list, tuple)) and data:
        return (len(data), *shape_of(data[0]))
    if isinstance(data, Image.Image):
        return (data.height, data.width)
    return tuple(getattr(data, "shape", ()))


def is_image(item: Any) -> bool:
    return isinstance(item, Image.Image) or getattr(item, "ndim", 0) > 1


def stacked(images: Sequence[Any]) -> Array:
    """A list of images as one array `(n, height, width[, channels])`.

    Raises:
        InputError: for images of several shapes or types.
    """
    arrays = [pixels(image) for image in images]
    first = arrays[0]
    for i, array in enumerate(arrays):
        if (array.shape, array.dtype) != (first.shape, first.dtype):
            raise InputError(
                f"Image {i} of the list is {show(array.shape)} of {array.dtype}, but the first is "
                f"{show(first.shape)} of {first.dtype}; give all one size, one mode and one type, as by "
                f"image.convert('RGB').resize((64, 64)) of Pillow."
            )
    return np.stack(arrays)


def pixels(image: Any) -> Array:
    """An image as an array; one of Pillow without its palette, in the mode that files are read in."""
    if not isinstance(image, Image.Image):
        return np.asarray(image)
    if image.mode not in MODES:
        raise InputError(f"Images of the mode {image.mode!r} cannot be read; convert them to 'L' or 'RGB'.")
    return np.asarray(image.convert(mode_to_read(image)))
