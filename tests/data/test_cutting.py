"""Arrays of images in any order are cut on disk as in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import on_disk


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((30, 20), None), ((30, 20, 3), "YXC"), ((4, 30, 20), None), ((4, 30, 20), "ZYX"), ((4, 3, 30, 20), None),
     ((30, 20, 4), "YXZ"), ((2, 2, 30, 20), "TZYX"), ((20, 30), "XY")],
)  # fmt: skip
def test_patches_are_the_same_from_disk_and_from_memory(
    shape: tuple[int, ...], axes: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random(shape).astype(np.float32))
    how = Reading(patch=8, axes=axes)
    in_memory = read(tmp_path / "x.npy", how)
    monkeypatch.setattr(on_disk, "LARGE", 1)
    found = read(tmp_path / "x.npy", how)
    assert not found.source.in_memory
    np.testing.assert_array_equal(found.source.all(), in_memory.array)
    assert found.ids == in_memory.ids


@pytest.mark.parametrize(("n", "groups", "counted"), [(2, 98, 98), (20, 20, 320), (100, 100, 100)])
def test_patches_are_parted_by_image_and_counted_by_region(
    n: int, groups: int, counted: int, tmp_path: Path
) -> None:
    """Of one or two images by region; of many images these count."""
    side = 56 if n == 2 else 32
    np.save(tmp_path / "x.npy", np.random.default_rng(0).integers(0, 9, (n, side, side)))
    data = read(tmp_path / "x.npy", Reading(patch=8))
    assert data.groups is not None
    assert data.counted is not None
    assert len(np.unique(data.groups)) == groups
    assert len(np.unique(data.counted)) == counted
    assert data.patches is not None
    for name in np.unique(data.counted):
        assert len(np.unique(data.groups[data.counted == name])) == 1
