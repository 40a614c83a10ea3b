"""Grids of coefficients in parts: tiles that are computed, and chunks that are coded, each by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from math import isqrt, prod
from typing import NamedTuple, Self

from narrows.model.bottlenecks.rounded import Rounded
from narrows.tasks.restoration.tiling import spans

Box = tuple[slice, slice]
"""Places of a grid, down and across."""

CORE = 64
"""Side of a tile without its margin, in places."""

CHUNK = 2**19
"""Coefficients that are coded together, at the most."""


class Tile(NamedTuple):
    """Places that are computed together.

    Attributes:
        places: whose results are kept.
        outer: these with a margin of the receptive field.
        inner: where `places` are in `outer`.
    """

    places: Box
    outer: Box
    inner: Box

    @classmethod
    def of(cls, row: tuple[int, int, slice], column: tuple[int, int, slice], core: int) -> Self:
        """The tile of two of the `spans` of a grid."""
        kept, outer, inner = [], [], []
        for first, before, around in (row, column):
            length = min(core, around.stop - first)
            kept.append(slice(first, first + length))
            outer.append(around)
            inner.append(slice(before, before + length))
        return cls((kept[0], kept[1]), (outer[0], outer[1]), (inner[0], inner[1]))


def tiles(down: int, across: int, margin: int, core: int) -> Iterator[Tile]:
    """The tiles of a grid of `down` by `across` places, of at most `core` places a side and a margin."""
    rows, columns = (list(spans(length, core, margin)) for length in (down, across))
    return (Tile.of(row, column, core) for row, column in product(rows, columns))


class Chunk(NamedTuple):
    """Coefficients that are coded together.

    Attributes:
        stack: the number of the array that they are in.
        rows: of that array.
        places: of its grid.
    """

    stack: int
    rows: slice
    places: Box

    @property
    def place(self) -> tuple[slice, ...]:
        """The index in an array `(n, channels, down, across)`."""
        return (self.rows, slice(None), *self.places)


def chunks(shapes: Sequence[tuple[int, ...]]) -> Iterator[Chunk]:
    """How arrays of coefficients of `shapes (n, channels, down, across)` are cut into chunks.

    Of small grids several are in a chunk; a large one is cut into pieces of about the same size.
    """
    for i, (n, channels, down, across) in enumerate(shapes):
        side = max(1, isqrt(CHUNK // channels))
        whole = channels * down * across <= CHUNK
        at_once = max(1, CHUNK // (channels * down * across))
        rows = divided(n, -(-n // at_once))
        boxes = [(slice(0, down), slice(0, across))]
        if not whole:
            boxes = list(product(*(divided(length, -(-length // side)) for length in (down, across))))
        yield from (Chunk(i, row, box) for row, box in product(rows, boxes))


def divided(length: int, parts: int) -> list[slice]:
    """The numbers below `length` in parts of about the same size.

    >>> divided(10, 3)
    [slice(0, 3, None), slice(3, 6, None), slice(6, 10, None)]
    """
    ends = [i * length // parts for i in range(parts + 1)]
    return [slice(a, b) for a, b in pairwise(ends)]


def covered(bottleneck: Rounded, grid: tuple[int, int, int]) -> bool:
    """Whether the passes of a bottleneck reach all coefficients of a `grid (channels, down, across)`."""
    regions = (bottleneck.region(which)[1:] for which in bottleneck.passes)
    sizes = (prod(len(range(n)[part]) for n, part in zip(grid, region, strict=True)) for region in regions)
    return sum(sizes) == prod(grid)
