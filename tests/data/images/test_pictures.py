"""Image files as people have them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.images import pictures
from narrows.data.images.pictures import read_picture
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.writers import write_examples

RNG = np.random.default_rng(0)


BYTES = RNG.integers(0, 256, (6, 33, 47, 4), dtype="u1")


def stored(folder: Path, how: str) -> None:
    """Six images, in one of the ways that people store them."""
    folder.mkdir()
    for i, pixels in enumerate(BYTES):
        file = folder / f"image {i}"
        match how:
            case "grey png":
                Image.fromarray(pixels[..., 0]).save(f"{file}.png")
            case "one-bit png":
                Image.fromarray(pixels[..., 0] > 127).save(f"{file}.png")
            case "colour png with alpha":
                Image.fromarray(pixels).save(f"{file}.png")
            case "palette png":
                Image.fromarray(pixels[..., :3] // 64 * 64).quantize(64).save(f"{file}.png")
            case "16-bit grey png":
                Image.fromarray(pixels[..., 0].astype("u2") * 200 + 7).save(f"{file}.png")
            case "16-bit colour tiff":
                tifffile.imwrite(f"{file}.tif", pixels[..., :3].astype("u2") * 200 + 7, photometric="rgb")
            case "float tiff":
                tifffile.imwrite(f"{file}.tif", pixels[..., 0].astype("f4") / 7 - 3)
            case "jpeg":
                Image.fromarray(pixels[..., :3]).save(f"{file}.jpg")
            case "webp":
                Image.fromarray(pixels[..., :3]).save(f"{file}.webp", lossless=True)
            case "big-endian 16-bit tiff":
                tifffile.imwrite(f"{file}.tif", pixels[..., 0].astype("u2") * 200 + 7, byteorder=">")
            case "ImageJ's 16-bit tiff":
                tifffile.imwrite(f"{file}.tif", pixels[..., 0].astype("u2") * 200 + 7, imagej=True)
            case "32-bit tiff":
                tifffile.imwrite(f"{file}.tif", pixels[..., 0].astype("u4") + 3_000_000_000)
            case "signed tiff":
                tifffile.imwrite(f"{file}.tif", pixels[..., 0].astype("i2") - 128)
            case "two-channel tiff":
                layout = {"photometric": "minisblack", "planarconfig": "contig"}
                tifffile.imwrite(f"{file}.tif", pixels[..., :2], **layout)
            case "grey palette png":
                Image.fromarray(pixels[..., 0]).convert("P").save(f"{file}.png")


WAYS = {
    "grey png": ("L", "uint8", (33, 47)),
    "one-bit png": ("1", "bool", (33, 47)),
    "colour png with alpha": ("RGBA", "uint8", (33, 47, 4)),
    "palette png": ("P", "uint8", (33, 47, 3)),
    "16-bit grey png": ("I;16", "uint16", (33, 47)),
    "16-bit colour tiff": ("tifffile", "uint16", (33, 47, 3)),
    "float tiff": ("F", "float32", (33, 47)),
    "jpeg": ("RGB", "uint8", (33, 47, 3)),
    "webp": ("RGB", "uint8", (33, 47, 3)),
    "big-endian 16-bit tiff": ("I;16B", "uint16", (33, 47)),
    "ImageJ's 16-bit tiff": ("I;16", "uint16", (33, 47)),
    "32-bit tiff": ("tifffile", "uint32", (33, 47)),
    "signed tiff": ("tifffile", "int16", (33, 47)),
    "two-channel tiff": ("tifffile", "uint8", (33, 47, 2)),
    "grey palette png": ("P", "uint8", (33, 47)),
}


@pytest.mark.parametrize("how", WAYS)
def test_names_sizes_modes_and_depth_come_back(how: str, tmp_path: Path) -> None:
    stored(tmp_path / "in", how)
    mode, dtype, shape = WAYS[how]
    found = read(tmp_path / "in")
    assert set(found.modes) == {mode}
    assert (found.array.dtype, found.schema.shape) == (dtype, shape)
    write_examples(found.array, found.schema, tmp_path / "out", found.ids, found.modes)
    again = read(tmp_path / "out")
    names = found.ids if how != "jpeg" else tuple(f"{name}.png" for name in found.ids)
    assert (again.ids, again.schema) == (names, found.schema)
    assert again.modes == tuple(mode.replace("16B", "16") for mode in found.modes)
    assert (again.array == found.array).all()
    if "tiff" in how:
        np.testing.assert_array_equal(found.array[0], tifffile.imread(tmp_path / "in" / "image 0.tif"))


def test_an_image_turned_by_its_exif_is_read_upright(tmp_path: Path) -> None:
    wide = np.zeros((20, 40, 3), dtype="u1")
    wide[:, :10] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by a quarter to see it upright
    Image.fromarray(wide).save(tmp_path / "a.jpg", exif=exif, quality=95)
    pixels = read_picture(tmp_path / "a.jpg").pixels
    assert pixels.shape == (40, 20, 3)
    assert pixels[:9].min() > 200
    assert pixels[12:].max() < 50


def test_patterns_single_images_and_hidden_files(tmp_path: Path) -> None:
    stored(tmp_path / "in", "grey png")
    (tmp_path / "in" / ".hidden.png").write_bytes(b"")
    (tmp_path / "in" / "notes.txt").write_text("")
    assert len(read(tmp_path / "in")) == 6
    found = read(str(tmp_path / "in" / "image [2-4].png"))
    assert found.ids == ("image 2.png", "image 3.png", "image 4.png")
    assert found.name == "in"
    assert read(tmp_path / "in" / "image 2.png").array.shape == (1, 33, 47)


def test_sizes_that_differ_can_be_brought_to_one(tmp_path: Path) -> None:
    Image.new("L", (4, 5), 100).save(tmp_path / "a.png")
    Image.new("L", (8, 6), 100).save(tmp_path / "b.png")
    with pytest.raises(InputError, match=r"b\.png is 6x8, but a\.png is 5x4 .*--resize 5x4"):
        read(tmp_path)
    found = read(tmp_path, Reading(resize=(5, 4)))
    assert found.array.shape == (2, 5, 4)
    assert (found.array == 100).all()
    assert "5x4" in found.notes[0]


def test_colours_of_16_bits_are_never_silently_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(tmp_path / "in", "16-bit colour tiff")
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(InputError, match=r"pip install 'narrows\[science\]'"):
        read(tmp_path / "in")


def test_of_a_16_bit_colour_png_8_bits_are_kept_and_that_is_said(tmp_path: Path) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    deep = RNG.integers(0, 2**16, (2, 3, 3)).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    header = struct.pack(">IIBBBBB", 3, 2, 16, 2, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    (tmp_path / "a.png").write_bytes(png)
    Image.new("RGB", (3, 2)).save(tmp_path / "b.png")
    found = read(tmp_path / "*.png")
    assert found.array.dtype == np.uint8
    np.testing.assert_array_equal(found.array[0], deep >> 8)
    assert found.warnings == (
        "1 of 2 images are PNG files with 16 bits in several channels, of which the 8 highest are kept: a.png; "
        "convert them to TIFF to keep all 16.",
    )


def test_an_image_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("L", (50, 50)).save(tmp_path / "a.png")
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1000)
    with pytest.raises(InputError, match="50x50 pixels"):
        read(tmp_path / "a.png")


def test_other_formats_stay_closed(tmp_path: Path) -> None:
    Image.new("L", (5, 5)).save(tmp_path / "a.gif")
    (tmp_path / "a.gif").rename(tmp_path / "a.png")
    with pytest.raises(InputError, match="not of the format its name says"):
        read(tmp_path / "a.png")


def test_films_are_refused(tmp_path: Path) -> None:
    pages = [Image.fromarray(np.full((6, 5, 3), 80 * i, "u1")) for i in range(3)]
    for ending in ("png", "webp"):
        pages[0].save(tmp_path / f"film.{ending}", save_all=True, append_images=pages[1:])
        with pytest.raises(InputError, match=rf"film\.{ending} is a film of 3 images"):
            read(str(tmp_path / f"film.{ending}"))


def test_a_mode_that_is_not_read_is_named(tmp_path: Path) -> None:
    Image.new("LAB", (5, 6)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"a\.tif has the image mode 'LAB'\. Known: 1, L"):
        read(str(tmp_path / "a.tif"))


def test_infinite_values_are_named_by_their_file(tmp_path: Path) -> None:
    for i in range(2):
        tifffile.imwrite(tmp_path / f"{i}.tif", np.array([[1, 2], [3, np.inf if i else 4]], "f4"))
    with pytest.raises(
        InputError, match=r"1\.tif holds 1 values that are not finite .* at position \(1, 1\)"
    ):
        read(tmp_path)
