from __future__ import annotations

import numpy as np
from scipy.ndimage import convolve

from narrows.evaluation.linear_prediction import LinearPrediction, around


def test_weights_of_neighbours_are_found() -> None:
    rng = np.random.default_rng(0)
    seen = rng.normal(size=(4, 2, 40, 40)).astype(np.float32)
    kernel = rng.normal(size=(2, 3, 3))
    made = sum(convolve(seen[:, i], kernel[i, ::-1, ::-1][None], mode="nearest") for i in range(2)) + 3
    wanted = np.stack([made, -made], axis=1)
    found = LinearPrediction(wanted, seen)
    np.testing.assert_allclose(found.predict(seen[:1]), wanted[:1], atol=1e-2)


def test_only_pixels_that_count_are_fitted() -> None:
    rng = np.random.default_rng(0)
    seen = rng.normal(size=(4, 1, 30, 30)).astype(np.float32)
    counts = rng.random(seen.shape) < 0.3
    wanted = np.where(counts, 2 * seen, np.nan)
    np.testing.assert_allclose(LinearPrediction(wanted, seen).predict(seen), 2 * seen, atol=1e-3)


def test_around_are_the_pixels_of_a_square_and_a_1() -> None:
    image = np.arange(120.0).reshape(1, 10, 12)
    columns = around(image)
    assert columns.shape == (120, 50)
    np.testing.assert_array_equal(columns[5 * 12 + 6, :49].reshape(7, 7), image[0, 2:9, 3:10])
    assert (columns[:, 49] == 1).all()
