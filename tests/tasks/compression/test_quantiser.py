"""Coefficients of images of any size: tile by tile they are those of the whole image."""

from __future__ import annotations

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.runs.run import Run
from narrows.tasks.compression.quantiser import Quantiser
from tests.samples import DIGITS

PIXELS = (DIGITS * 15).astype(np.uint8)


def picture(height: int, width: int) -> np.ndarray:
    """Digits side by side, cut to a size."""
    rows = [np.hstack(list(PIXELS[20 * i : 20 * i + 20])) for i in range(20)]
    return np.vstack(rows)[:height, :width]


@pytest.mark.parametrize("size", [(30, 41), (5, 3), (8, 8), (100, 9)])
def test_tiles_give_the_coefficients_and_the_pixels_of_the_whole(
    rounded_run: Run, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.stack([picture(*size), picture(*size)[::-1]])
    quantiser = Quantiser.of(rounded_run, size, images.dtype)
    whole = quantiser.coefficients(images)
    numbers = quantiser.rounded(whole, 0.02)
    made = quantiser.restored(numbers, 0.02)
    assert whole.shape == (2, 16, -(-size[0] // 4), -(-size[1] // 4))
    assert made.shape == images.shape
    monkeypatch.setattr("narrows.tasks.compression.quantiser.CORE", 4)
    assert len(list(quantiser.tiles())) > 1 or max(size) <= 16
    assert quantiser.coefficients(images) == pytest.approx(whole, abs=1e-5)
    assert np.abs(quantiser.restored(numbers, 0.02).astype(int) - made).max() <= 1


def test_images_of_any_size_come_back_about_as_they_were(rounded_run: Run) -> None:
    image = picture(61, 90)
    quantiser = Quantiser.of(rounded_run, image.shape, image.dtype)
    made = quantiser.restored(quantiser.rounded(quantiser.coefficients(image[None]), 0.01), 0.01)[0]
    assert 10 * np.log10(255**2 / np.mean((made.astype(float) - image) ** 2)) > 30


def test_a_code_of_one_size_and_other_channels_are_refused(rounded_run: Run) -> None:
    parts = {"encoder": {"hidden": 8}, "bottleneck": {"hidden": 8, "project": "linear"}}
    dense = Autoencoder(12, recipe="compression", training={"epochs": 1}, **parts).fit(PIXELS[:200]).run_
    with pytest.raises(InputError, match="30x41, but the code of this run is for images of 8x8 only"):
        Quantiser.of(dense, (30, 41), PIXELS.dtype)
    with pytest.raises(InputError, match="was fitted to examples of shape"):
        Quantiser.of(rounded_run, (30, 41, 3), PIXELS.dtype)
