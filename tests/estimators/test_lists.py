"""Lists of images."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.estimators.lists import is_list, stacked

IMAGES = (np.random.default_rng(0).random((60, 6, 5)) * 255).astype(np.uint8)


def test_lists_of_arrays_and_of_pillow_are_the_same_as_an_array() -> None:
    wanted = Autoencoder(2, training={"epochs": 2}).fit(IMAGES)
    pictures = [Image.fromarray(image) for image in IMAGES]
    for images in (list(IMAGES), tuple(IMAGES), pictures, [p.convert("P") for p in pictures]):
        found = Autoencoder(2, training={"epochs": 2}).fit(images)
        np.testing.assert_array_equal(found.transform(images), wanted.transform(IMAGES))
        np.testing.assert_array_equal(found.reconstruct(images), wanted.reconstruct(IMAGES))


def test_lists_of_rows_are_tables() -> None:
    assert not is_list(IMAGES[:, 0].tolist())
    assert not is_list(list(IMAGES[:, 0]))
    assert not is_list([])


def test_images_of_several_shapes_or_types_are_named() -> None:
    colours = Image.fromarray(IMAGES[0]).convert("RGB")
    for other, words in (
        (IMAGES[1][:4], "4x5 of uint8"),
        (IMAGES[1] / 255, "6x5 of float64"),
        (colours, "6x5x3 of uint8"),
    ):
        with pytest.raises(
            InputError, match=f"Image 1 of the list is {words}, but the first is 6x5 of uint8"
        ):
            stacked([IMAGES[0], other])
    with pytest.raises(InputError, match="mode 'HSV'"):
        stacked([colours.convert("HSV")])
