"""Images of several modes in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.images.modes import CHANNELS, common_layout, converted
from narrows.data.readers import read
from narrows.data.reading import Reading

RNG = np.random.default_rng(0)
COLOURS = [RNG.integers(0, 256, (6, 5, 3), dtype="u1") for _ in range(4)]


def folder(path: Path, modes: list[str], ending: str = "png") -> Path:
    path.mkdir()
    for i, mode in enumerate(modes):
        Image.fromarray(COLOURS[i]).convert(mode).save(path / f"{i}.{'jpg' if mode == 'CMYK' else ending}")
    return path


@pytest.mark.parametrize("odd", ["L", "1", "LA", "RGBA", "CMYK", "P"])
def test_one_image_of_another_mode_is_converted_with_a_note(odd: str, tmp_path: Path) -> None:
    data = read(folder(tmp_path / "a", ["RGB", "RGB", odd, "RGB"]))
    assert data.schema.shape == (6, 5, 3)
    said = " ".join([*data.notes, *data.warnings])
    assert (f"Converted to RGB: 1 {odd} (2." in said) == (odd != "P")
    assert ("transparent parts are white" in " ".join(data.warnings)) == odd.endswith("A")
    if odd in ("L", "RGBA"):
        wanted = Image.fromarray(COLOURS[2]).convert(odd).convert("RGB")
        np.testing.assert_array_equal(data.array[2], np.asarray(wanted))


def test_the_most_frequent_mode_is_taken_and_another_can_be_forced(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", ["L", "L", "RGB", "L"])
    data = read(path)
    assert data.schema.shape == (6, 5)
    np.testing.assert_array_equal(data.array[2], np.asarray(Image.fromarray(COLOURS[2]).convert("L")))
    assert "colours are grey" in data.warnings[0]
    for mode, channels in CHANNELS.items():
        told = read(path, Reading(mode=mode))
        assert told.schema.shape == (6, 5, channels)[: 2 + (channels > 1)]
        assert (told.warnings, f"Converted to {mode}" in told.notes[0]) == ((), True)


def test_new_images_are_converted_to_the_mode_of_the_model(tmp_path: Path) -> None:
    like = read(folder(tmp_path / "a", ["RGB", "RGB"])).schema
    data = read(folder(tmp_path / "b", ["L", "L", "RGBA"]), Reading(like=like))
    assert data.schema == like


def test_black_and_white_becomes_grey_and_grey_never_black_and_white(tmp_path: Path) -> None:
    data = read(folder(tmp_path / "a", ["1", "1", "L"]))
    assert data.schema.dtype == "uint8"
    assert set(np.unique(data.array[:2])) == {0, 255}
    assert read(folder(tmp_path / "b", ["1", "1"])).schema.dtype == "bool"


def test_depths_are_not_converted(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", ["L", "L"])
    Image.fromarray(COLOURS[0][..., 0].astype("u2")).save(path / "9.png")
    with pytest.raises(InputError, match=r"9\.png is of uint16, but 0\.png is of uint8; .* the same depth"):
        read(path)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("wanted", CHANNELS)
@pytest.mark.parametrize("layout", CHANNELS)
def test_every_conversion_keeps_grey_and_dtype(layout: str, wanted: str, dtype: str) -> None:
    most: Any = np.iinfo(dtype).max if dtype.startswith("u") else 1
    channels = CHANNELS[layout]
    grey = (np.linspace(0, 1, 30).reshape(6, 5) * most).astype(dtype)
    pixels = grey[..., None].repeat(channels, axis=-1)
    if layout.endswith("A"):
        pixels[..., -1] = most
    made = converted(pixels[..., 0] if channels == 1 else pixels, layout, wanted)
    assert (made.dtype, np.atleast_3d(made).shape[2]) == (dtype, CHANNELS[wanted])
    np.testing.assert_allclose(np.atleast_3d(made)[..., 0], grey, rtol=1e-6)
    if wanted.endswith("A"):
        assert (made[..., -1] == most).all()


def test_what_is_transparent_becomes_white() -> None:
    pixels = np.zeros((1, 3, 4), "u1")
    pixels[0, :, 3] = 0, 51, 255
    np.testing.assert_array_equal(converted(pixels, "RGBA", "L"), [[255, 204, 0]])


def test_palettes_keep_their_opacity_and_greys_their_one_channel(tmp_path: Path) -> None:
    for i, name in enumerate(("colour", "grey")):
        mode = ("RGB", "L")[i]
        picture = Image.fromarray(COLOURS[0]).convert(mode).convert("P")
        picture.save(tmp_path / f"{name}.png", transparency=int(np.asarray(picture)[0, 0]))
        found = read(str(tmp_path / f"{name}.png"))
        assert found.schema.shape == (6, 5, (4, 2)[i])
        assert found.array[0, 0, 0, -1] == 0
        assert found.array[0, ..., -1].max() == 255


def test_the_number_of_channels_must_be_that_of_a_mode_to_be_converted(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", ["RGB", "RGB"])
    how = {"photometric": "minisblack", "planarconfig": "contig"}
    tifffile.imwrite(path / "9.tif", np.zeros((6, 5, 2), "u1"), **how)
    with pytest.raises(InputError, match=r"9\.tif has 2 channels, which cannot be converted to RGB"):
        read(path)


def test_the_common_layout() -> None:
    assert common_layout(["L", "RGB"]) == "RGB"
    assert common_layout(["5 channels"] * 2) == "5 channels"
