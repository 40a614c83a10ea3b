"""Overlapping patches are stitched to images without seams."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.lattice import lattice
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.tasks.restoration import stitching
from narrows.tasks.restoration.stitching import centred, stitched, whole_images


@pytest.mark.parametrize("shape", [(32, 32), (50, 41), (33, 70, 3), (16, 90)])
@pytest.mark.parametrize("most", [1, 3 * 16 * 16, 10**6])
def test_patches_that_are_not_changed_give_the_image(
    shape: tuple[int, ...], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stitching, "MOST_VALUES", most)
    image = np.random.default_rng(0).integers(0, 2**16, shape, dtype=np.uint16)
    found = stitched(image, 16, lambda patches: patches)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, image)


def test_a_step_at_each_patch_leaves_no_seam() -> None:
    """Patches that are off by a random amount each: the steps between pixels are much smaller than these."""
    rng = np.random.default_rng(0)
    image = np.zeros((128, 128))
    found = stitched(image, 32, lambda patches: patches + rng.standard_normal((len(patches), 1, 1)))
    steps = max(np.abs(np.diff(found, axis=axis)).max() for axis in (0, 1))
    assert found.std() > 0.3
    assert steps < 0.5
    assert np.abs(np.diff(found, axis=0)).mean() < 0.05


def test_each_pixel_may_get_other_values_than_it_has() -> None:
    image = np.arange(40 * 40.0).reshape(40, 40)
    found = stitched(image, 16, lambda patches: np.stack([patches, 2 * patches], axis=-1))
    np.testing.assert_allclose(found, np.stack([image, 2 * image], axis=-1))


def test_weights_are_symmetric_and_fall_to_the_border() -> None:
    for side in (1, 7, 8):
        weights = centred(side)
        np.testing.assert_array_equal(weights, weights[::-1, ::-1].T)
        assert weights.min() == weights[0, 0] > 0
        assert weights.max() == weights[side // 2, side // 2]


def test_too_small_an_image_is_refused() -> None:
    with pytest.raises(InputError, match="photo is 12x40"):
        stitched(np.zeros((12, 40)), 16, lambda patches: patches, "photo")


def test_patches_become_the_images_that_they_come_from() -> None:
    data = read("lattice", Reading(patch=96))
    images = list(whole_images(data))
    assert len(images) == 100
    np.testing.assert_array_equal(images[3].pixels, lattice(4, 256).noisy[3])
    assert images[3].name == "lattice-03"
