from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.harmonic import harmonic


def test_hidden_pixels_are_the_means_of_their_neighbours(rng: np.random.Generator) -> None:
    image = rng.random((2, 9, 11))
    hidden = np.zeros(image.shape, dtype=bool)
    hidden[:, 2:6, 3:9] = True
    hidden[1, 0, 0] = True
    found = harmonic(np.where(hidden, 0, image), hidden)
    np.testing.assert_array_equal(found[~hidden], image[~hidden])
    around = found[:, 1:5, 3:9] + found[:, 3:7, 3:9] + found[:, 2:6, 2:8] + found[:, 2:6, 4:10]
    np.testing.assert_allclose(found[:, 2:6, 3:9], around / 4)
    assert found[1, 0, 0] == pytest.approx((found[1, 0, 1] + found[1, 1, 0]) / 2)


def test_a_plane_is_continued_exactly() -> None:
    plane = 0.2 + 0.02 * np.arange(14)[:, None] + 0.03 * np.arange(12)[None]
    hidden = np.zeros((1, *plane.shape), dtype=bool)
    hidden[:, 5:8, 4:7] = True
    np.testing.assert_allclose(harmonic(np.where(hidden, 0, plane[None]), hidden)[0], plane)


def test_without_known_or_hidden_pixels_an_image_stays(rng: np.random.Generator) -> None:
    image = rng.random((1, 5, 5))
    for hidden in (np.zeros(image.shape, dtype=bool), np.ones(image.shape, dtype=bool)):
        np.testing.assert_array_equal(harmonic(image, hidden), image)
