"""Images computed tile by tile: no seam anywhere, and little memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.records import Batch
from narrows.data.schema import Array
from narrows.model.networks import Field
from narrows.tasks.restoration.tiling import spans, tiled
from tests.model.networks.test_unet import NETWORKS, unet


@pytest.mark.parametrize("size", [(97, 131), (64, 64), (40, 201), (33, 32), (7, 5)])
@pytest.mark.parametrize(("widths", "blocks", "fold"), NETWORKS)
def test_tiles_leave_no_seam(widths: tuple[int, ...], blocks: int, fold: int, size: tuple[int, int]) -> None:
    model = unet((2, 32, 32), widths, blocks, fold)
    image = np.random.default_rng(0).random((2, *size), dtype=np.float32)

    def use(tile: Array) -> Array:
        with torch.inference_mode():
            return model.reconstruct(Batch(torch.from_numpy(np.ascontiguousarray(tile))[None]))[0].numpy()

    assert model.field is not None
    whole = use(image)
    assert np.abs(tiled(image, model.field, use, core=24) - whole).max() < 1e-5
    if min(size) > 64:
        short = tiled(image, Field(model.field.stride, model.field.radius // 2), use, core=24)
        assert np.abs(short - whole).max() > 1e-6


def test_a_tile_has_the_margin_of_the_receptive_field_alone() -> None:
    """A large image takes the memory of one tile."""
    sizes = []

    def use(tile: Array) -> Array:
        sizes.append(tile.shape)
        return tile

    image = np.arange(300 * 500.0).reshape(1, 300, 500)
    assert (tiled(image, Field(4, 9), use, core=50) == image).all()
    assert max(max(shape) for shape in sizes) == 52 + 2 * 12


def test_tiles_cover_every_pixel_once() -> None:
    counts = np.zeros(23, dtype=int)
    for start, before, seen in spans(23, 5, 3):
        assert seen.start == start - before >= 0
        assert seen.stop <= 23
        counts[start : start + 5] += 1
    assert (counts == 1).all()
