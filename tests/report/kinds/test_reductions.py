from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from narrows.data.schema import Array
from narrows.report.kinds.reductions import FRAME, LONGEST, PART, is_large, largest_error, peaks, reduced


def pixels_of(address: str) -> Array:
    content = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_large_images_are_reduced_to_means_and_small_ones_are_as_they_are() -> None:
    rng = np.random.default_rng(0)
    large, small = (rng.integers(0, 256, (*size, 3), np.uint8) for size in ((640, 320), (LONGEST, 40)))
    found = pixels_of(reduced(large))
    assert found.shape == (LONGEST, LONGEST // 2, 3)
    blocks = large.reshape(LONGEST, 4, LONGEST // 2, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(found, blocks, atol=2)
    np.testing.assert_array_equal(pixels_of(reduced(small)), small)
    assert [is_large(*size) for size in ((LONGEST, LONGEST), (40, LONGEST + 1))] == [False, True]


def test_the_frame_lies_where_the_part_does() -> None:
    black = np.zeros((640, 640, 3), np.uint8)
    found = pixels_of(reduced(black, place=(slice(160, 240), slice(320, 400))))
    rows, columns = np.nonzero(found.any(axis=2))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (40, 59, 80, 99)
    assert "#{:02x}{:02x}{:02x}".format(*found[40, 80]) == FRAME


@pytest.mark.parametrize("corner", [(0, 0), (37, 111), (220, 120)])
def test_the_part_with_the_largest_error_is_found(corner: tuple[int, int]) -> None:
    """Of a square of errors as large as a part, beside a single larger one."""
    top, left = corner
    x = np.zeros((3, 300, 200), np.uint8)
    made = x.copy()
    made[:, top : top + PART, left : left + PART] = 10
    made[:, 150, 199] = 200
    place = largest_error(x, made)
    assert place == (slice(top, top + PART), slice(left, left + PART))
    tiny = largest_error(np.zeros((1, 30, 300)), np.ones((1, 30, 300)))
    assert tiny[0] == slice(0, 30)


def test_a_single_peak_is_kept_in_a_reduced_map() -> None:
    amounts = np.zeros((500, 300))
    amounts[499, 123] = 7
    found = peaks(amounts)
    assert found.shape == (125, 75)
    assert (found.max(), found[124, 30], found.sum()) == (7, 7, 7)
    np.testing.assert_array_equal(peaks(amounts[:40, :40]), amounts[:40, :40])
