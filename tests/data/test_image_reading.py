from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.image_reading import picture_options, read_images
from narrows.data.images.folders import image_files
from narrows.data.reading import Reading


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Two grey images of 6 x 5 pixels."""
    for i, name in enumerate(["b2.png", "b10.png"]):
        Image.fromarray(np.full((5, 6), 10 * i, dtype=np.uint8)).save(tmp_path / name)
    return str(tmp_path)


def test_images_are_read_in_the_natural_order_of_their_names(folder: str) -> None:
    found = image_files(folder)
    assert found is not None
    data = read_images(found, Reading())
    assert data.ids == ("b2.png", "b10.png")
    assert data.array.shape == (2, 5, 6)
    assert data.array[:, 0, 0].tolist() == [0, 10]


def test_axes_are_refused_for_pictures_without_planes(folder: str) -> None:
    found = image_files(folder)
    assert found is not None
    with pytest.raises(InputError, match="holds neither"):
        read_images(found, Reading(axes="HWC"))


def test_options_of_pictures_are_those_that_were_given() -> None:
    found = picture_options(Reading(mode="L"))
    assert found.mode == "L"
