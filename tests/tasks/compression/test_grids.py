"""Tiles and chunks share out every place once."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.model.bottlenecks.rounded import Rounded
from narrows.tasks.compression.grids import chunks, covered, tiles


@pytest.mark.parametrize(("down", "across"), [(1, 1), (64, 65), (150, 7)])
def test_tiles_share_out_the_grid_and_know_their_margins(down: int, across: int) -> None:
    grid = np.arange(down * across).reshape(down, across)
    found = np.full_like(grid, -1)
    for tile in tiles(down, across, 3, 64):
        assert (found[tile.places] == -1).all()
        found[tile.places] = grid[tile.outer][tile.inner]
        assert max(grid[tile.outer].shape) <= 64 + 2 * 3
    assert np.array_equal(found, grid)


def test_chunks_share_out_all_coefficients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("narrows.tasks.compression.grids.CHUNK", 400)
    shapes = [(7, 4, 5, 5), (2, 4, 23, 31), (1, 500, 1, 1), (3, 4, 1, 200)]
    counts = [np.zeros(shape, int) for shape in shapes]
    for chunk in chunks(shapes):
        counts[chunk.stack][chunk.place] += 1
        size = counts[chunk.stack][chunk.place].size
        assert size <= 400 or shapes[chunk.stack][1:] == (500, 1, 1)
    assert all((count == 1).all() for count in counts)
    rows = [chunk.rows for chunk in chunks(shapes[:1])]
    assert rows == [slice(0, 3), slice(3, 7)]


def test_a_grid_of_training_may_be_too_small_to_reach_all_places() -> None:
    wide = Rounded((16, 2, 2), 64, project="none")
    assert covered(wide, (16, 9, 5))
    assert covered(wide, (16, 1, 1))
    line = Rounded((16, 1, 4), 64, project="none")
    assert covered(line, (16, 1, 9))
    assert not covered(line, (16, 2, 4))
