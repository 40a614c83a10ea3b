"""Images are written without loss, and none over another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.images.picture_writing import PictureFolder, write_image, write_pictures
from narrows.data.images.pictures import look, read_picture
from narrows.data.readers import read
from narrows.data.reading import Reading

RNG = np.random.default_rng(0)
GREY, COLOUR = RNG.integers(0, 256, (6, 5), dtype="u1"), RNG.integers(0, 256, (6, 5, 3), dtype="u1")


def test_names_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    found = np.zeros((2, 4, 4), dtype="u1")
    write_pictures(found, tmp_path / "out", ["../evil.png", "/tmp/evil2.png"])
    assert sorted(f.name for f in (tmp_path / "out").iterdir()) == ["evil.png", "evil2.png"]
    assert not (tmp_path / "evil.png").exists()


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_images_of_any_channels_go_to_files(channels: int, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 6, 5, channels), dtype="u1")
    write_pictures(images, tmp_path / "out")
    found = sorted((tmp_path / "out").iterdir())
    assert len(found) == 2
    pixels = read_picture(found[0]).pixels
    np.testing.assert_array_equal(pixels.reshape(images[0].shape), images[0])


@pytest.mark.parametrize(
    ("name", "image", "file"),
    [
        ("a.jpg", COLOUR, "a.jpg.png"),
        ("a.png", COLOUR, "a.png"),
        ("a.webp", COLOUR, "a.webp"),
        ("a.bmp", np.dstack([COLOUR, GREY]), "a.bmp.png"),
        ("a.png", COLOUR.astype("u2"), "a.png.tif"),
        ("a.png", GREY.astype("i4") - 70_000, "a.png.tif"),
        ("a.webp", GREY.astype("f4") / 7, "a.webp.tif"),
        ("a", GREY.astype("f8") / 7, "a.tif"),
        ("a.v2", GREY, "a.v2.png"),
    ],
)
def test_a_file_that_would_lose_something_has_another_ending(
    name: str, image: np.ndarray, file: str, tmp_path: Path
) -> None:
    renamed = write_pictures([image], tmp_path, [name])
    assert [each.name for each in tmp_path.iterdir()] == [file]
    assert np.array_equal(read_picture(tmp_path / file).pixels, image)
    known = Path(name).suffix in (".jpg", ".png", ".bmp", ".webp") and name != file
    assert renamed == ({name: file} if known else {})


def test_no_image_is_written_over_another(tmp_path: Path) -> None:
    names = ["a.jpg", "a.png", "a.jpg.png", "x/../a.png", "A.png", "b/a.png", "a"]
    images = [np.full((2, 2), i, np.uint8) for i in range(len(names))]
    renamed = write_pictures(images, tmp_path, names)
    assert len(list(tmp_path.rglob("*.png"))) == len(names)
    for i, name in enumerate(names[:-1]):
        assert read_picture(tmp_path / renamed.get(name, name)).pixels[0, 0] == i


def test_opacity_keeps_the_colours_below_it(tmp_path: Path) -> None:
    pixels = np.dstack([COLOUR, np.zeros((6, 5), np.uint8)])
    for ending in ("png", "webp", "tif"):
        write_image(pixels, tmp_path / f"a.{ending}")
        assert np.array_equal(read_picture(tmp_path / f"a.{ending}").pixels, pixels)


def test_a_palette_is_exact_or_left_out(tmp_path: Path) -> None:
    many = RNG.integers(0, 256, (20, 20, 3), dtype="u1")
    few = many // 128 * 127
    folder = PictureFolder(tmp_path)
    folder.write(many, "many.png", "P")
    folder.write(few, "few.png", "P")
    assert [look(tmp_path / f"{name}.png").mode for name in ("many", "few")] == ["RGB", "P"]
    for name, pixels in (("many", many), ("few", few)):
        assert np.array_equal(read_picture(tmp_path / f"{name}.png").pixels, pixels)


def test_a_single_file_that_cannot_hold_an_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"a\.png cannot hold an image of float32 with 1 channel without loss"
    ):
        write_image(GREY.astype("f4"), tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_images_of_several_modes_come_back_in_theirs(tmp_path: Path) -> None:
    """Read with the channels of a model for colours with opacity."""
    opacity = np.dstack([COLOUR, GREY])
    came = {"1": GREY > 127, "L": GREY, "LA": opacity[..., 2:], "RGB": COLOUR, "RGBA": opacity}
    (tmp_path / "in").mkdir()
    for mode, pixels in came.items():
        Image.fromarray(pixels).save(tmp_path / "in" / f"{mode}.png")
    found = read(tmp_path / "in", Reading(mode="RGBA"))
    assert found.array.shape == (5, 6, 5, 4)
    write_pictures(found.array, tmp_path / "out", found.ids, found.modes)
    for mode, pixels in came.items():
        file = tmp_path / "out" / f"{mode}.png"
        assert look(file).mode == mode
        assert np.array_equal(read_picture(file).pixels, pixels)
