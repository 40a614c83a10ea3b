"""Patches of arrays on disk are those that are cut in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import npy
from narrows.data.sources.patches import PatchesOnDisk


@pytest.mark.parametrize("shape", [(70, 52), (40, 37, 3), (5, 24, 20), (3, 20, 24, 3)])
def test_patches_on_disk_are_those_in_memory(
    shape: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(0).integers(0, 2**16, shape).astype(">u2")
    np.save(tmp_path / "x.npy", values)
    in_memory = read(tmp_path / "x.npy", Reading(patch=8))
    monkeypatch.setattr(npy, "LARGE", 1)
    monkeypatch.setattr(npy, "BLOCK", 3000)
    on_disk = read(tmp_path / "x.npy", Reading(patch=8))
    source = on_disk.source
    assert isinstance(source, PatchesOnDisk)
    assert on_disk.ids == in_memory.ids
    np.testing.assert_array_equal(on_disk.groups, in_memory.groups)
    np.testing.assert_array_equal(source.all(), in_memory.array)
    chosen = np.random.default_rng(1).permutation(len(source))[:9]
    np.testing.assert_array_equal(source.take(chosen), in_memory.array[chosen])
    assert len(source.take(np.zeros(0, dtype=np.intp))) == 0


def test_blocks_are_whole_strips_and_cover_all_patches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 40, 30), dtype=np.uint8))
    monkeypatch.setattr(npy, "LARGE", 1)
    for size, strips in ((1, 1), (2 * 4 * 8**2 * 4, 2), (7 * 4 * 8**2 * 4, 7)):
        monkeypatch.setattr(npy, "BLOCK", size)
        source = read(tmp_path / "x.npy", Reading(patch=8)).source
        blocks = source.blocks()
        assert [row for block in blocks for row in block] == list(range(4 * 5 * 4))
        assert all(len(block) == 4 * strips for block in blocks[:-1])
        assert 0 < len(blocks[-1]) <= 4 * strips
