"""Many image files as one array."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.images import sets as image_sets
from narrows.data.images.sets import ImageSet, PictureOptions


def test_sizes_may_differ_only_where_they_are_allowed_to(tmp_path: Path) -> None:
    files = {}
    for size in (4, 6):
        files[f"{size}.png"] = tmp_path / f"{size}.png"
        Image.new("L", (size, size)).save(files[f"{size}.png"])
    with pytest.raises(InputError, match=r"6\.png is 6x6, but 4\.png is 4x4"):
        ImageSet(files).read()
    assert [len(image) for image in ImageSet(files).read_of_any_size().images] == [4, 6]
    assert ImageSet(files, PictureOptions((5, 3))).read().images.shape == (2, 5, 3)  # type: ignore[union-attr]


def test_planes_of_a_file_are_numbered_and_belong_to_it(tmp_path: Path) -> None:
    values = np.zeros((2, 4, 4), "u1")
    files = {f"{i}.tif": tmp_path / f"{i}.tif" for i in range(3)}
    for file in files.values():
        tifffile.imwrite(file, values, photometric="minisblack")
    found = ImageSet(files).read()
    assert found.names[:3] == ("0[0].tif", "0[1].tif", "1[0].tif")
    assert found.groups is not None
    assert found.groups.tolist() == [0, 0, 1, 1, 2, 2]
    assert found.labels is None


def test_more_images_than_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("L", (4, 4)).save(tmp_path / "a.png")

    def refuse(size: float, what: str) -> None:
        raise InputError(f"{what} {size} bytes")

    monkeypatch.setattr(image_sets, "check_room", refuse)
    with pytest.raises(InputError, match=r"1 images like a\.png are 16 bytes"):
        ImageSet({"a.png": tmp_path / "a.png"}).read()
