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
