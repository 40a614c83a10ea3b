"""TIFF files of several planes, and the axes that they name."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.images.pictures import read_picture
from narrows.data.readers import read
from narrows.data.reading import Reading

STACK = np.random.default_rng(0).integers(0, 4000, (3, 2, 6, 5), dtype="u2")


def test_the_axes_of_imagej_are_believed(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, metadata={"axes": "TCYX"})
    data = read(str(tmp_path / "a.tif"))
    assert (data.schema.shape, data.schema.dtype) == ((6, 5, 2), "uint16")
    np.testing.assert_array_equal(data.array, np.moveaxis(STACK, 1, -1))
    assert data.ids == ("a[0].tif", "a[1].tif", "a[2].tif")
    assert "TCYX: 3 examples (T), 2 channels, height 6, width 5" in data.notes[0]


def test_other_axes_can_be_told(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, metadata={"axes": "TCYX"})
    data = read(str(tmp_path / "a.tif"), Reading(axes="TZYX"))
    np.testing.assert_array_equal(data.array, STACK.reshape(6, 6, 5))
    with pytest.raises(InputError, match=r"3x2x6x5 and the axes TCYX, which ZYX does not describe"):
        read(str(tmp_path / "a.tif"), Reading(axes="ZYX"))


def test_planes_of_imagej_without_pages_of_their_own_are_read(tmp_path: Path) -> None:
    """ImageJ writes a stack of more than 4 GB behind a single page."""
    planes = STACK[:, 0]
    text = "ImageJ=1.53t\nimages=3\nslices=3\nhyperstack=true\n"
    tifffile.imwrite(tmp_path / "a.tif", planes[0], description=text, metadata=None, byteorder=">")
    raw = (tmp_path / "a.tif").read_bytes()
    start = raw.index(planes[0].astype(">u2").tobytes())
    assert start + planes[0].nbytes == len(raw)
    (tmp_path / "a.tif").write_bytes(raw[:start] + planes.astype(">u2").tobytes())
    data = read(str(tmp_path / "a.tif"))
    assert data.array.dtype.isnative
    np.testing.assert_array_equal(data.array, planes)


def test_stacks_in_a_folder_are_groups(tmp_path: Path) -> None:
    for i in range(3):
        tifffile.imwrite(tmp_path / f"{i}.tif", STACK[:, i % 2], photometric="minisblack")
    data = read(tmp_path)
    assert len(data) == 9
    assert data.groups is not None
    assert data.groups.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_channels_first_and_last_are_the_same_image(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK[0], imagej=True, metadata={"axes": "CYX"})
    how = {"photometric": "minisblack", "planarconfig": "contig"}
    tifffile.imwrite(tmp_path / "b.tif", np.moveaxis(STACK[0], 0, -1), **how)
    data = read(tmp_path)
    np.testing.assert_array_equal(data.array[0], data.array[1])


def test_smaller_pages_are_previews(tmp_path: Path) -> None:
    first = Image.fromarray(np.zeros((6, 5), "u1"))
    first.save(tmp_path / "slide.tif", save_all=True, append_images=[first.resize((2, 3))])
    np.testing.assert_array_equal(read_picture(tmp_path / "slide.tif").pixels, np.zeros((6, 5)))


def test_deep_images_are_resized(tmp_path: Path) -> None:
    for size in (6, 12):
        image = np.full((size, size, 2), 40_000, "u2")
        how = {"photometric": "minisblack", "planarconfig": "contig"}
        tifffile.imwrite(tmp_path / f"{size}.tif", image, **how)
    data = read(tmp_path, Reading(resize=(6, 6)))
    assert data.schema.shape == (6, 6, 2)
    assert (data.array == 40_000).all()


def test_a_stack_needs_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK[:, 0], photometric="minisblack")
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(InputError, match=r"pip install 'narrows\[science\]'"):
        read(str(tmp_path / "a.tif"))


def test_axes_of_files_without_any_are_refused(tmp_path: Path) -> None:
    Image.new("L", (4, 5)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="--axes says the axes of arrays and TIFF stacks"):
        read(str(tmp_path / "a.png"), Reading(axes="YX"))


def test_pages_of_other_sizes_are_counted_and_reductions_are_not(tmp_path: Path) -> None:
    pages = [np.zeros((16, 16), np.uint8), np.ones((8, 16), np.uint8)]
    for name, subfile in (("mixed.tif", 0), ("preview.tif", 1)):
        with tifffile.TiffWriter(tmp_path / name) as file:
            file.write(pages[0])
            file.write(pages[1], subfiletype=subfile)
    mixed = read(str(tmp_path / "mixed.tif"))
    assert "1 pages have another size" in mixed.warnings[0]
    assert read(str(tmp_path / "preview.tif")).warnings == ()
    deep = [np.zeros((3, 16, 16), np.uint16), np.ones((8, 16), np.uint16)]
    with tifffile.TiffWriter(tmp_path / "stack.tif") as file:
        for each in deep:
            file.write(each, photometric="minisblack")
    stack = read(str(tmp_path / "stack.tif"))
    assert (len(stack), "1 pages have another size" in stack.warnings[0]) == (3, True)
