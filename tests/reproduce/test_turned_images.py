from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.lab import Lab, mse
from narrows.reproduce.latent_models import ae
from narrows.reproduce.turned_images import ANGLES, by_codes, by_pixels, errors_halfway, turned


def test_an_image_turned_back_is_nearly_the_image(lab: Lab) -> None:
    images = lab.digits.held_out.array[:20]
    there = turned(images, 20)
    assert mse(images / 255, turned(there, -20) / 255) < 0.2 * mse(images / 255, there / 255)


def test_the_mean_of_pixels_shows_both_images_the_more_they_are_turned(lab: Lab) -> None:
    errors = errors_halfway(lab.digits.held_out.array[:20], by_pixels)
    assert list(errors) == list(ANGLES)
    assert 0 < errors[10] < errors[20] < errors[30]


def test_what_undoes_the_turn_has_no_error(lab: Lab) -> None:
    images = lab.digits.held_out.array[:5]
    assert set(errors_halfway(images, lambda first, second: images / 255).values()) == {0.0}


def test_halfway_between_two_equal_images_is_their_reconstruction(lab: Lab) -> None:
    images, run = lab.digits.held_out.array[:5], ae(lab)
    found = by_codes(run)(images, images)
    assert found == pytest.approx(np.asarray(run.reconstruct(images)) / 255, abs=2 / 255)
    np.testing.assert_allclose(by_pixels(images, images), images / 255, atol=1e-6)
