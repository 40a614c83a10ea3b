"""Images of any size as tiles of the size of the training, and back.

The tiles at the right and lower edge are filled up with the last column and row. What was filled is not
coded: a reader knows it from the pixels of the image.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.schema import Array, Schema
from narrows.tasks.compression.stacks import Kind

Extent = tuple[int, int]
"""Height and width of the pixels of a tile that are of the image."""


class Place(NamedTuple):
    """Where a tile is.

    Attributes:
        stack: the number of the array of images.
        image: the number of the image in it.
        rows: of the image.
        columns: of the image.
    """

    stack: int
    image: int
    rows: slice
    columns: slice

    def inside(self, axes: str) -> tuple[slice, ...]:
        """The index in an image with these axes."""
        known = {"H": self.rows, "W": self.columns}
        return tuple(known.get(axis, slice(None)) for axis in axes)


Tiles = dict[Extent | None, list[Place]]
"""The places of all tiles, by how much of a tile is of an image; of other data None, and no places."""


def tiles_of(schema: Schema, kinds: Sequence[Kind]) -> Tiles:
    """The tiles of images in arrays of several `kinds`, for a model of images of `schema`."""
    if schema.spatial != 2:
        return {None: []}
    found: Tiles = {}
    side = dict(zip(schema.axes, schema.shape, strict=True))
    for i, kind in enumerate(kinds):
        length = dict(zip(schema.axes, kind.shape, strict=True))
        pieces = [list(steps(length[axis], side[axis])) for axis in "HW"]
        for image, rows, columns in product(range(kind.n), *pieces):
            extent = (rows.stop - rows.start, columns.stop - columns.start)
            found.setdefault(extent, []).append(Place(i, image, rows, columns))
    return found


def steps(length: int, side: int) -> Iterator[slice]:
    """The stretches of `side` along an axis; the last may be shorter.

    >>> list(steps(7, 3))
    [slice(0, 3, None), slice(3, 6, None), slice(6, 7, None)]
    """
    return (slice(start, min(length, start + side)) for start in range(0, length, side))


def cut(schema: Schema, arrays: Sequence[Array], places: Sequence[Place]) -> Array:
    """The tiles `(n, *schema.shape)` at `places` of images, filled up where they are smaller."""
    if not places:
        return arrays[0]
    return np.stack(
        [filled(arrays[at.stack][at.image][at.inside(schema.axes)], schema.shape) for at in places]
    )


def filled(tile: Array, shape: tuple[int, ...]) -> Array:
    """A tile filled up to `shape` with its last row and column."""
    rest = [(0, full - there) for full, there in zip(shape, tile.shape, strict=True)]
    return np.pad(tile, rest, mode="edge")


def joined(schema: Schema, kinds: Sequence[Kind], tiles: Tiles, values: Sequence[Array]) -> list[Array]:
    """The arrays of images of which `values (n, *schema.shape)` are the tiles, for each extent."""
    if None in tiles:
        return list(values)
    arrays = [np.empty((kind.n, *kind.shape), kind.dtype) for kind in kinds]
    for places, some in zip(tiles.values(), values, strict=True):
        for at, tile in zip(places, some, strict=True):
            there = arrays[at.stack][at.image][at.inside(schema.axes)]
            there[...] = tile[tuple(slice(length) for length in there.shape)]
    return arrays


def check_one_type(kinds: Sequence[Kind]) -> None:
    """Refuse images of several types."""
    types: list[Any] = sorted({kind.dtype for kind in kinds})
    if len(types) > 1:
        raise InputError(
            f"Without loss are compressed images of one type together, but these are {' and '.join(types)}; "
            f"compress them one type at a time."
        )
