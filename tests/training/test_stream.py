from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import nn

from narrows.core.processes import Processes
from narrows.data.sources.on_disk import OnDisk
from narrows.data.sources.patches import PatchesOnDisk
from narrows.data.stored import Stored
from narrows.data.windows import covering, cut
from narrows.training.batches import Crops, Rows
from narrows.training.sizes import sizes_of
from narrows.training.stream import Stream
from tests.samples import stored

pytestmark = pytest.mark.usefixtures("small_blocks")


@pytest.mark.parametrize("n", [33, 100, 129, 257, 513])
@pytest.mark.parametrize("size", [4, 32])
def test_every_row_once_in_as_many_batches_as_in_memory(n: int, size: int) -> None:
    values = np.arange(300 * 6.0).reshape(300, 6) if n < 300 else np.arange(600 * 6.0).reshape(600, 6)
    index = np.sort(np.random.default_rng(0).permutation(len(values))[:n])
    stream = Stream(stored(values), index, lambda x: x, nn.Identity(), torch.device("cpu"))
    torch.manual_seed(0)
    batches = [batch.x[:, 0].numpy() for batch in stream.shuffled(size)]
    assert (
        len(batches) == len(sizes_of(n, size)) == len(list(Rows(values[index], nn.Identity()).shuffled(size)))
    )
    assert min(map(len, batches)) > 1
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), values[index, 0])
    again = [batch.x[:, 0].numpy() for batch in stream.shuffled(size)]
    assert any(len(a) != len(b) or (a != b).any() for a, b in zip(batches, again, strict=True))


def test_batches_mix_rows_from_far_apart() -> None:
    values = np.arange(4000 * 6.0).reshape(4000, 6)
    stream = Stream(stored(values), np.arange(4000), lambda x: x, nn.Identity(), torch.device("cpu"))
    torch.manual_seed(0)
    spans = [float(batch.x[:, 0].max() - batch.x[:, 0].min()) for batch in stream.shuffled(32)]
    assert np.median(spans) > 0.5 * 4000 * 6


def test_crops_and_streams_draw_plain_examples_less_often() -> None:
    values = np.arange(64 * 8 * 8.0, dtype=np.float32).reshape(64, 8, 8)
    pieces, where = cut(list(values), [str(i) for i in range(64)], [], 8)
    plain, index = np.arange(60) % 2 == 0, np.arange(60)
    crops = Crops(pieces[index][:, None], where, index, nn.Identity(), plain=plain)
    on_disk = stored(pieces.astype(np.int32))
    stream = Stream(on_disk, index, lambda x: x, nn.Identity(), torch.device("cpu"), plain=plain)
    torch.manual_seed(0)
    for rows in (crops, stream):
        batches = [[batch.x.reshape(len(batch.x), -1)[:, 0] for batch in rows.shuffled(7)] for _ in range(3)]
        firsts = [np.sort((torch.cat(epoch) / 64).numpy()) for epoch in batches]
        for epoch, first in zip(batches, firsts, strict=True):
            assert len(epoch) == rows.steps(7) == len(sizes_of(30 + 8, 7))
            assert len(np.unique(first)) == 38
            assert set(np.arange(1, 60, 2)) <= set(first)
        assert not (firsts[0] == firsts[1]).all()
        assert len(rows) == 60


def test_streamed_patches_move_in_images_that_belong_to_one_part() -> None:
    values = np.arange(6 * 32 * 32).reshape(6, 32, 32)
    patches = covering([(32, 32)] * 6, list("abcdef"), (), 8)
    source = PatchesOnDisk(OnDisk(Stored(values, "x")), patches, 8)  # type: ignore[arg-type]
    index = np.flatnonzero((patches.owner < 3) | ((patches.owner == 3) & (patches.corners[:, 0] < 16)))
    stream = Stream(source, index, lambda x: x, nn.Identity(), torch.device("cpu"), patches=patches)
    torch.manual_seed(0)
    firsts = (
        torch.cat([batch.x[:, 0, 0] for _ in range(40) for batch in stream.shuffled(5)]).numpy().astype(int)
    )
    assert len(firsts) == 40 * len(index)
    image, rest = np.divmod(firsts, 32 * 32)
    corners = np.column_stack(np.divmod(rest, 32))
    assert image.max() == 3
    known = {tuple(corner) for corner in patches.corners.tolist()}
    assert {tuple(corner) for corner in corners[image == 3].tolist()} <= known
    assert len({tuple(corner) for corner in corners[image == 0].tolist()}) > 10 * 16
    assert corners.max() == 24


@pytest.mark.parametrize("n", [33, 100, 257])
@pytest.mark.parametrize("size", [2, 3])
def test_processes_share_each_batch_and_read_stretches_of_the_blocks(n: int, size: int) -> None:
    values = np.arange(300 * 6.0).reshape(300, 6)
    index = np.sort(np.random.default_rng(0).permutation(len(values))[:n])
    epochs = []
    for rank in range(size):
        stream = Stream(stored(values), index, lambda x: x, nn.Identity(), torch.device("cpu"))
        torch.manual_seed(0)
        read: list[int] = []
        block = stream.block
        stream.block = lambda number, block=block, read=read: (read.append(number), block(number))[1]  # type: ignore[method-assign]
        among = Alike(rank, size)
        epochs.append([batch.x[:, 0].numpy() for batch in stream.shuffled(8, among)])
        assert stream.steps(8, among) == len(epochs[-1])
        assert len(read) <= -(-len(stream.blocks) // size) + 2
    sizes = [sum(map(len, batches)) for batches in zip(*epochs, strict=True)]
    assert sizes == sizes_of(n, 8, Processes(0, size))
    assert min(len(batch) for epoch in epochs for batch in epoch) >= 2
    taken = np.sort(np.concatenate([batch for epoch in epochs for batch in epoch]))
    np.testing.assert_array_equal(taken, values[index, 0])


class Alike(Processes):
    """One of several processes of which none runs: all draw from the generator as it is."""

    @contextmanager
    def alike(self) -> Iterator[None]:
        yield
