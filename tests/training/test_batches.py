from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.records import Batch
from narrows.data.readers import as_data
from narrows.data.windows import cut
from narrows.fitting.fit import fit
from narrows.training.batches import Crops, Drawn, Rows, mirrored, turned
from tests.samples import curve

pytestmark = pytest.mark.usefixtures("small_blocks")


def test_data_stay_on_the_device_as_they_came() -> None:
    data = as_data(np.random.default_rng(0).integers(0, 256, (9, 5, 5), dtype="u1"))

    rows = Rows(data.schema.arrange(data.array), data.schema.choose(data.schema.arrange(data.array)).scaling)
    assert rows.values.dtype == torch.uint8
    x = rows.batch(torch.tensor([4])).x
    assert x.dtype == torch.float32
    torch.testing.assert_close(x[0, 0], torch.as_tensor(data.array[4]).float() / 255)


def test_missing_cells_become_a_mask() -> None:
    values = curve(20)
    values[3, 2] = np.nan

    data = as_data(values)
    batch = Rows(values, data.schema.choose(values).scaling).batch(torch.arange(20))
    assert batch.mask is not None
    assert (~batch.mask).nonzero().tolist() == [[3, 2]]
    assert batch.x[3, 2] == 0
    run = fit(data, overrides={"training": {"epochs": 2}})
    assert np.isfinite(run.reconstruct(values)).all()


def test_crops_move_within_their_part_only() -> None:
    """Of an image of which the left half is learned from, no crop holds a pixel of the right half."""
    image = np.zeros((1, 64, 64), dtype=np.float32)
    image[:, :, 32:] = 1
    image[0, :32, :32] = np.arange(32.0) / 100
    pieces, where = cut(list(image), ["a"], [], 16)
    index = np.flatnonzero(pieces.reshape(len(pieces), -1).max(axis=1) < 1)
    crops = Crops(pieces[index][:, None], where, index, torch.nn.Identity())
    torch.manual_seed(0)
    drawn = torch.cat([batch.x for _ in range(50) for batch in crops.shuffled(3)])
    assert len(drawn) == 50 * len(index)
    assert drawn.max() < 1
    known = {tuple(piece.ravel()) for piece in pieces[index]}
    assert len({tuple(x.flatten().tolist()) for x in drawn}) > 3 * len(known)


def test_crops_are_drawn_from_every_place_of_an_image() -> None:
    image = np.arange(40 * 40.0, dtype=np.float32).reshape(1, 40, 40)
    pieces, where = cut(list(image), ["a"], [], 16)
    crops = Crops(pieces[:, None], where, np.arange(len(pieces)), torch.nn.Identity())
    torch.manual_seed(0)
    corners = {int(x[0, 0, 0]) for _ in range(4000) for batch in crops.shuffled(4) for x in batch.x}
    assert corners == {40 * row + column for row in range(25) for column in range(25)}


@pytest.mark.parametrize(("n", "plain", "kept"), [(100, 0, 0), (100, 10, 10), (100, 60, 10), (100, 96, 10)])
def test_an_epoch_has_all_examples_but_some_plain_ones(n: int, plain: int, kept: int) -> None:
    mask = np.arange(n) < plain
    drawn = Drawn(mask)
    assert len(drawn) == n - plain + kept
    torch.manual_seed(0)
    epochs = [drawn.order().numpy() for _ in range(60)]
    for order in epochs:
        assert len(np.unique(order)) == len(order) == len(drawn)
        assert set(np.flatnonzero(~mask)) <= set(order)
    assert len(np.unique(np.concatenate(epochs))) == n


def test_turns_keep_pixels_and_masks_together() -> None:
    torch.manual_seed(0)
    x = torch.arange(2 * 6 * 6.0).reshape(2, 1, 6, 6)
    found = [turned(Batch(x, x > 20)) for _ in range(200)]
    assert len({tuple(batch.x.flatten().tolist()) for batch in found}) == 8
    for batch in found:
        assert batch.mask is not None
        assert torch.equal(batch.mask, batch.x > 20)
        assert torch.equal(batch.x.flatten(1).sort(1).values, x.flatten(1))
    oblong = torch.rand(2, 1, 6, 4)
    assert {turned(Batch(oblong)).x.shape for _ in range(50)} == {oblong.shape}


def test_each_image_is_mirrored_by_itself() -> None:
    torch.manual_seed(0)
    x = torch.arange(2 * 4 * 5.0).reshape(2, 1, 4, 5)
    found = [mirrored(Batch(x, x > 20)) for _ in range(50)]
    ways = [[torch.equal(a, b) for a, b in zip(batch.x, x, strict=True)] for batch in found]
    assert {tuple(way) for way in ways} == {(a, b) for a in (True, False) for b in (True, False)}
    for batch, way in zip(found, ways, strict=True):
        assert batch.mask is not None
        assert torch.equal(batch.mask, batch.x > 20)
        for image, original, kept in zip(batch.x, x, way, strict=True):
            assert torch.equal(image if kept else image.flip(-1), original)
