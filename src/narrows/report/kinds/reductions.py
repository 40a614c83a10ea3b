"""Pictures of large images: reductions, and parts of them in full resolution."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from narrows.data.schema import Array
from narrows.report import figures

LONGEST, PART = 160, 80
"""Pixels of the longer side of a reduction, and of the sides of a part in full resolution, at the most."""

FRAME = "#d55e00"
"""The colour of the frame that shows where a part lies."""

Place = tuple[slice, slice]
"""The rows and columns of a part of an image."""


def is_large(height: int, width: int) -> bool:
    """Whether images of that size are shown as reductions."""
    return max(height, width) > LONGEST


def reduced(pixels: Array, longest: int = LONGEST, place: Place | None = None) -> str:
    """The address of a picture of `pixels (height, width, 3)`, reduced to `longest` pixels, `place` framed.

    A pixel of a reduction is the mean of those that it stands for.
    """
    image = Image.fromarray(pixels)
    image.thumbnail((longest, longest), Image.Resampling.BOX)
    if place is not None:
        share = image.width / pixels.shape[1]
        (top, bottom), (left, right) = ((share * side.start, share * side.stop) for side in place)
        ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), outline=FRAME)
    return figures.address(image)


def peaks(amounts: Array) -> Array:
    """A map `(height, width)` reduced to about `LONGEST` pixels by the largest amount of each square."""
    step = -(-max(amounts.shape) // LONGEST)
    rows, columns = (np.arange(0, side, step) for side in amounts.shape)
    return np.asarray(np.maximum.reduceat(np.maximum.reduceat(amounts, rows, axis=0), columns, axis=1))


def largest_error(x: Array, made: Array) -> Place:
    """The part of an image `x (channels, height, width)` in which `made` has the largest squared error."""
    squared = ((made.astype(np.float64) - x) ** 2).sum(axis=0)
    sums = np.pad(squared.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    height, width = (min(PART, side) for side in squared.shape)
    inside = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    top, left = np.unravel_index(inside.argmax(), inside.shape)
    return slice(int(top), int(top) + height), slice(int(left), int(left) + width)
