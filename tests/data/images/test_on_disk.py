"""Image files that stay on disk are cut and read as those in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from narrows.core.errors import InputError
from narrows.data.images import sets
from narrows.data.images.on_disk import ImageFiles
from narrows.data.images.sets import ImageSet
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import on_disk
from narrows.data.sources.patches import PatchesOnDisk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images of two sizes, and a stack."""
    rng = np.random.default_rng(0)
    for i, shape in enumerate([(40, 52), (40, 52), (33, 60), (3, 24, 24)]):
        values = rng.integers(0, 2**16, shape, dtype=np.uint16)
        tifffile.imwrite(tmp_path / f"{i}.tif", values, photometric="minisblack")
    return tmp_path


def test_patches_of_files_on_disk_are_those_in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = read(folder, Reading(patch=8))
    monkeypatch.setattr(sets, "KEPT", 4 * 3 * 40 * 52)
    for block in (1, 30_000, 10**6):
        monkeypatch.setattr(on_disk, "BLOCK", block)
        found = read(folder, Reading(patch=8))
        source = found.source
        assert isinstance(source, PatchesOnDisk)
        assert found.ids == in_memory.ids
        np.testing.assert_array_equal(found.groups, in_memory.groups)
        np.testing.assert_array_equal(source.all(), in_memory.array)
        for rows, piece in source.pieces():
            np.testing.assert_array_equal(piece, in_memory.array[np.asarray(rows)])
        chosen = np.random.default_rng(1).permutation(len(source))[:20]
        np.testing.assert_array_equal(source.take(chosen), in_memory.array[chosen])


def test_each_file_is_read_once_in_a_pass_over_all_patches(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sets, "KEPT", 1)
    source = read(folder, Reading(patch=8)).source
    opened = []
    of_file = ImageSet.of_file
    monkeypatch.setattr(ImageSet, "of_file", lambda *of: opened.append(of[1]) or of_file(*of))  # type: ignore[func-returns-value]
    source.all()
    assert opened == [f"{i}.tif" for i in range(4)]


def test_a_file_that_changes_meanwhile_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "KEPT", 1)
    source = read(folder, Reading(patch=8)).source
    tifffile.imwrite(folder / "1.tif", np.zeros((20, 20), np.uint16))
    with pytest.raises(InputError, match=r"1\.tif has changed while it was used"):
        source.all()


def test_images_of_one_size_are_taken_whole(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 255, (3, 10, 12), dtype=np.uint8)
    for i, image in enumerate(values):
        tifffile.imwrite(tmp_path / f"{i}.tif", image)
    files = ImageSet({f"{i}.tif": tmp_path / f"{i}.tif" for i in range(3)})
    source = ImageFiles(files, files.read_of_any_size())
    assert (source.shape, source.dtype) == ((3, 10, 12), np.uint8)
    np.testing.assert_array_equal(source.all(), values)
    assert [list(rows) for rows in source.blocks()] == [[0], [1], [2]]
