"""Restored images, and what is measured of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.evaluation.image_quality import psnr
from narrows.tasks.restoration.restore import SHOWN, RestorationQuality, Restorer
from tests.samples import landscapes


def test_holes_of_16_bit_images_are_0_below_the_range_of_the_data() -> None:
    """On the model's scale, 0 is then far outside the range of the training data."""
    X = 5000 + 10 * landscapes(80, 8)[..., 0].astype(np.uint16)
    how = {"name": "mask", "form": "rectangle", "share": 0.2}
    ae = Autoencoder(4, corruption=how, training={"epochs": 30}).fit(X)
    holes = X[:10].copy()
    holes[:, 2:5, 3:6] = 0
    Y = ae.restore(holes)
    outside = holes > 0
    assert (Y[outside] == X[:10][outside]).all()
    wrong = np.abs(Y.astype(float) - X[:10])[:, 2:5, 3:6].mean()
    assert wrong < 0.7 * np.abs(X[:10].astype(float) - X.min())[:, 2:5, 3:6].mean()


def test_a_network_of_one_size_restores_larger_images_in_patches() -> None:
    X = landscapes(60, 8)[..., 0]
    ae = Autoencoder(6, corruption={"name": "mask", "share": 0.3}, training={"epochs": 2}).fit(X)
    whole = landscapes(2, 19)[..., 0]
    assert ae.restore(whole).shape == (2, 19, 19)
    with pytest.raises(InputError, match=r"encoder\.name=unet"):
        ae.restore(whole[:, :5])


@pytest.fixture(scope="module")
def restorer() -> Restorer:
    how: dict[str, Any] = {"corruption": {"name": "mask", "share": 0.3}, "training": {"epochs": 2}}
    return Restorer(Autoencoder(6, **how).fit(landscapes(60, 8)[..., 0]).run_, damage=True)


def test_an_image_is_damaged_by_its_number(restorer: Restorer) -> None:
    image = landscapes(1, 8)[0, ..., 0]
    first, again, other = (restorer.restore(image, number=i).seen for i in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_quality_is_the_mean_over_images_and_the_strip_shows_the_first(restorer: Restorer) -> None:
    pytest.importorskip("skimage")
    quality = RestorationQuality(restorer)
    images = landscapes(SHOWN + 2, 8)[..., 0]
    made = [restorer.restore(image, number=i) for i, image in enumerate(images)]
    for restored, image in zip(made, images, strict=True):
        quality.add(restored, image)
    record = quality.record()
    expected = [
        psnr(restored.image.clip(0, 1), image / 255, 1.0)
        for restored, image in zip(made, images, strict=True)
    ]
    assert record["psnr"] == pytest.approx(np.mean(expected), abs=1e-3)
    damaged = [psnr(restored.seen, image / 255, 1.0) for restored, image in zip(made, images, strict=True)]
    assert record["damaged_psnr"] == pytest.approx(np.mean(damaged), abs=1e-3)
    assert [*record["yardsticks"]] == ["biharmonic"]
    assert [*quality.shown[0]] == ["Damaged", "Biharmonic", "Restored", "Original"]
    assert len(quality.shown) == SHOWN
    assert quality.strip().height > 4 * 56


def test_without_a_reference_nothing_is_measured(restorer: Restorer) -> None:
    quality = RestorationQuality(restorer)
    quality.add(restorer.restore(landscapes(1, 8)[0, ..., 0]))
    quality.add(restorer.restore(landscapes(1, 9)[0, ..., 0]))
    assert quality.record() == {}
    assert [[*pictures] for pictures in quality.shown] == [["Damaged", "Restored"]], "of one size"


def test_a_reference_of_another_size_is_refused(restorer: Restorer) -> None:
    restored = restorer.restore(landscapes(1, 8)[0, ..., 0])
    with pytest.raises(InputError, match=r"9x9 is not of the size .* 8x8"):
        restorer.references(restored, landscapes(1, 9)[0, ..., 0])


def test_images_without_damage_are_left_out_for_all_methods(restorer: Restorer) -> None:
    pytest.importorskip("skimage")
    quality = RestorationQuality(restorer)
    images = landscapes(2, 8)[..., 0]
    for i, image in enumerate(images):
        quality.add(restorer.restore(image, number=i), image)
    one = quality.record()
    whole = quality.restorer.restore(images[0])
    reference = quality.restorer.references(whole, images[0])[0]
    quality.add(whole._replace(seen=reference), images[0])
    assert quality.record() == {**one, "ssim": pytest.approx(one["ssim"])}
