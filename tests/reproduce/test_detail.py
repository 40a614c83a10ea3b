from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.detail import PAIR, sharpness
from narrows.reproduce.lab import Lab, count_weights
from narrows.reproduce.trials import subset


def test_sharpness_is_one_of_the_image_itself_and_less_of_a_blurred_one() -> None:
    images = np.random.default_rng(0).random((3, 12, 10))
    blurred = (images + np.roll(images, 1, axis=1) + np.roll(images, 1, axis=2)) / 3
    assert sharpness(images, images) == 1
    assert sharpness(0.5 * images + 0.2, images) == pytest.approx(0.5)
    assert sharpness(blurred, images) < 0.8
    assert sharpness(np.ones_like(images), images) == 0


def test_the_mean_gradient_of_a_ramp_is_its_slope() -> None:
    down, right = np.mgrid[0:8, 0:8]
    assert sharpness((3 * down + 4 * right)[None], right[None]) == pytest.approx(5)


def test_the_pair_has_about_equal_weights(full_lab: Lab) -> None:
    data = subset(full_lab.digits, 64)
    runs = [full_lab.fit("autoencoder", data, latent_dim=32, overrides=p, epochs=1) for p in PAIR.values()]
    mlp_has, cnn_has = map(count_weights, runs)
    assert mlp_has == pytest.approx(cnn_has, rel=0.02)
    assert {run.model.code_size for run in runs} == {32}
