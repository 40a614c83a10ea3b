"""Patches of arrays on disk are those that are cut in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import on_disk
from narrows.data.sources.on_disk import OnDisk
from narrows.data.sources.patches import PatchesOnDisk
from narrows.data.stored import Stored
from narrows.data.windows import covering, cut


@pytest.mark.parametrize("shape", [(70, 52), (40, 37, 3), (5, 24, 20), (3, 20, 24, 3)])
def test_patches_on_disk_are_those_in_memory(
    shape: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(0).integers(0, 2**16, shape).astype(">u2")
    np.save(tmp_path / "x.npy", values)
    in_memory = read(tmp_path / "x.npy", Reading(patch=8))
    monkeypatch.setattr(on_disk, "LARGE", 1)
    monkeypatch.setattr(on_disk, "BLOCK", 3000)
    found = read(tmp_path / "x.npy", Reading(patch=8))
    source = found.source
    assert isinstance(source, PatchesOnDisk)
    assert found.ids == in_memory.ids
    np.testing.assert_array_equal(found.groups, in_memory.groups)
    np.testing.assert_array_equal(source.all(), in_memory.array)
    chosen = np.random.default_rng(1).permutation(len(source))[:9]
    np.testing.assert_array_equal(source.take(chosen), in_memory.array[chosen])
    assert len(source.take(np.zeros(0, dtype=np.intp))) == 0


def test_blocks_are_whole_strips_and_cover_all_patches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 40, 30), dtype=np.uint8))
    monkeypatch.setattr(on_disk, "LARGE", 1)
    for size, strips in ((1, 1), (2 * 4 * 8**2 * 4, 2), (7 * 4 * 8**2 * 4, 7)):
        monkeypatch.setattr(on_disk, "BLOCK", size)
        source = read(tmp_path / "x.npy", Reading(patch=8)).source
        blocks = source.blocks()
        assert [row for block in blocks for row in block] == list(range(4 * 5 * 4))
        assert all(len(block) == 4 * strips for block in blocks[:-1])
        assert 0 < len(blocks[-1]) <= 4 * strips


@pytest.mark.parametrize("chunks", [None, (1, 20, 15), (2, 16, 30), (4, 40, 30), (3, 7, 9)])
def test_patches_follow_the_chunks_of_a_file(
    chunks: tuple[int, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(0).integers(0, 99, (4, 40, 30))
    monkeypatch.setattr(on_disk, "BLOCK", 2 * 8**3)
    images = OnDisk(Stored(values, "a", chunks=chunks))  # type: ignore[arg-type]
    patches = covering([(40, 30)] * 4, list("abcd"), (), 8)
    source, expected = PatchesOnDisk(images, patches, 8), cut(list(values), list("abcd"), (), 8)[0]
    for rows, piece in source.pieces():
        np.testing.assert_array_equal(piece, expected[np.asarray(rows)])
    assert sorted(np.concatenate([np.asarray(rows) for rows in source.blocks()])) == list(range(len(source)))
    chosen = np.random.default_rng(1).permutation(len(source))[:9]
    np.testing.assert_array_equal(source.take(chosen), expected[chosen])


def test_moved_patches_lie_beside_and_end_at_the_border() -> None:
    values = np.arange(3 * 40 * 30).reshape(3, 40, 30)
    images = OnDisk(Stored(values, "a", chunks=(1, 16, 30)))  # type: ignore[arg-type]
    patches = covering([(40, 30)] * 3, list("abc"), (), 8)
    source = PatchesOnDisk(images, patches, 8)
    rng = np.random.default_rng(0)
    index = rng.permutation(len(source))[:30]
    moves = rng.integers(-6, 7, (30, 2))
    found = source.moved(index, moves)
    for patch, row, (down, right) in zip(found, index, moves, strict=True):
        top = np.clip(patches.corners[row, 0] + down, 0, 32)
        left = np.clip(patches.corners[row, 1] + right, 0, 22)
        np.testing.assert_array_equal(patch, values[patches.owner[row], top : top + 8, left : left + 8])
    np.testing.assert_array_equal(source.moved(index, 0 * moves), source.take(index))
