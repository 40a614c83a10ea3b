from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.patch_reading import read_in_patches
from narrows.data.reading import INFERRED, Reading


def written(file: Path, *shape: int) -> str:
    np.save(file, np.random.default_rng(0).random(shape).astype(np.float32))
    return str(file)


@pytest.mark.parametrize(
    ("shape", "n", "side"),
    [
        ((400, 400), 49, 64),  # one image
        ((40, 80, 80), 160, 64),
        ((40, 50, 50), 40, 50),  # smaller than a patch
        ((1, 200, 150), 35, 32),  # too few patches of 64
        ((3, 40, 40), 12, 32),
        ((5, 20, 20), 5, 20),
    ],
)
def test_as_many_examples_as_a_split_needs(shape: tuple[int, ...], n: int, side: int, tmp_path: Path) -> None:
    data = read_in_patches(
        written(tmp_path / "x.npy", *shape), Reading(axes="YX" if len(shape) == 2 else None)
    )
    assert (len(data), data.schema.shape) == (n, (side, side))
    assert data.patch == (side if n != shape[0] else None)


def test_what_is_said_holds(tmp_path: Path) -> None:
    file = written(tmp_path / "x.npy", 40, 80, 80)
    assert read_in_patches(file, Reading(patch=40)).schema.shape == (40, 40)
    assert read_in_patches(file, Reading(kind="sequences")).schema.kind == "sequences"


def test_images_that_are_resized_stay_whole(tmp_path: Path) -> None:
    for i in range(4):
        Image.fromarray(np.full((90, 70), i, np.uint8)).save(tmp_path / f"{i}.png")
    assert read_in_patches(str(tmp_path), Reading(resize=(80, 80))).schema.shape == (80, 80)


def test_images_of_several_sizes_are_cut(tmp_path: Path) -> None:
    for i, size in enumerate([(300, 200), (260, 320)]):
        Image.fromarray(np.zeros(size, np.uint8)).save(tmp_path / f"{i}.png")
    assert read_in_patches(str(tmp_path), INFERRED).schema.shape == (64, 64)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        read_in_patches(str(tmp_path / "none.npy"), INFERRED)
