"""NaN in images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from narrows.core.errors import InputError
from narrows.data.images.gaps import without_gaps
from narrows.data.readers import read


def test_a_border_of_nan_is_filled_with_the_nearest_pixel_and_the_file_named(tmp_path: Path) -> None:
    image = np.arange(30, dtype="f4").reshape(6, 5)
    tifffile.imwrite(tmp_path / "a.tif", image)
    gap = image.copy()
    gap[:2] = np.nan
    tifffile.imwrite(tmp_path / "b.tif", gap)
    data = read(tmp_path)
    np.testing.assert_array_equal(data.array[0], image)
    np.testing.assert_array_equal(data.array[1], image[[2, 2, 2, 3, 4, 5]])
    assert "NaN in 1 of 2 images (up to 33 % of the pixels of one): b.tif" in data.warnings[0]


def test_each_channel_is_filled_by_itself() -> None:
    pixels = np.ones((3, 3, 2))
    pixels[0, 0, 1] = np.nan
    pixels[..., 0] = 7
    filled, share = without_gaps(pixels, "a")
    np.testing.assert_array_equal(filled, np.broadcast_to([7.0, 1.0], (3, 3, 2)))
    assert share == pytest.approx(1 / 18)


def test_a_channel_of_nan_is_refused() -> None:
    with pytest.raises(InputError, match=r"All pixels of a\.tif, or of one of its channels, are NaN"):
        without_gaps(np.dstack([np.ones((2, 2)), np.full((2, 2), np.nan)]), "a.tif")


def test_an_image_without_gaps_is_not_copied() -> None:
    pixels = np.ones((3, 3))
    assert without_gaps(pixels, "a")[0] is pixels
