"""Tiles share out every pixel of images once, and put together give them again."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.kinds.images import ImageSchema
from narrows.data.kinds.table import TableSchema
from narrows.tasks.compression.cutting import cut, joined, tiles_of
from narrows.tasks.compression.stacks import Stacks


@pytest.mark.parametrize(("shape", "axes"), [((5, 4), "HW"), ((5, 4, 3), "HWC"), ((3, 5, 4), "CHW")])
def test_images_come_back_from_tiles(shape: tuple[int, ...], axes: str) -> None:
    schema = ImageSchema("uint8", shape, axes)
    rng = np.random.default_rng(0)
    images = []
    for height, width in [(11, 9), (5, 4), (2, 3), (11, 9), (10, 8)]:
        length = {"H": height, "W": width, "C": 3}
        images.append(rng.integers(0, 256, [length[axis] for axis in axes], dtype=np.uint8))
    stacks = Stacks.of(images)
    tiles = tiles_of(schema, stacks.kinds)
    assert set(tiles) == {(5, 4), (5, 1), (1, 4), (1, 1), (2, 3)}
    assert sum(len(places) * h * w for (h, w), places in tiles.items()) == 2 * 99 + 20 + 6 + 80
    values = [cut(schema, stacks.arrays, places) for places in tiles.values()]
    assert all(some.shape[1:] == shape for some in values)
    for a, b in zip(joined(schema, stacks.kinds, tiles, values), stacks.arrays, strict=True):
        assert np.array_equal(a, b)


def test_other_data_are_not_cut() -> None:
    schema, rows = TableSchema.of((2,), "float64"), np.random.default_rng(0).normal(size=(7, 2))
    kinds = Stacks.of(rows).kinds
    tiles = tiles_of(schema, kinds)
    values = [cut(schema, [rows], places) for places in tiles.values()]
    assert np.array_equal(values[0], rows)
    assert np.array_equal(joined(schema, kinds, tiles, values)[0], rows)
