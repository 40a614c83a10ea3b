from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from narrows import Autoencoder
from narrows.data.kinds import describe
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.report.kinds import base
from narrows.report.kinds.images import Images
from narrows.runs.run import Run
from tests.report.html import parsed
from tests.samples import DIGITS


def picture(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))


def pixels(address: str) -> np.ndarray:  # type: ignore[type-arg]
    return np.asarray(picture(address))


def test_a_picture_has_the_pixels_of_its_image_on_the_given_scale() -> None:
    values = np.array([[[0.0, 5.0], [10.0, 20.0]]])
    (found,) = Images().pictures(describe(values), values, 0, 10)
    np.testing.assert_array_equal(pixels(found)[..., 0], [[0, 128], [255, 255]])


def test_channels_are_shown_wherever_they_are() -> None:
    last = np.random.default_rng(0).integers(0, 256, (2, 9, 8, 3), dtype="u1")
    first = np.moveaxis(last, -1, 1)
    drawn = [Images().pictures(describe(values), values, 0, 255) for values in (last, first)]
    assert drawn[0] == drawn[1]
    np.testing.assert_array_equal(pixels(drawn[0][1]), last[1])


def test_contributions_are_brightest_where_they_are_largest() -> None:
    amounts = np.array([[[0.0, 1.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]])
    schema = describe(np.zeros((3, 2, 2)))
    first, none = (
        pixels(found).astype(int).sum(axis=-1) for found in Images().contributions(schema, amounts, amounts)
    )
    assert (np.diff(first.ravel()) > 0).all()
    assert len(np.unique(none)) == 1


def test_small_images_are_enlarged_in_whole_pixels() -> None:
    assert [Images().look(describe(np.zeros((2, size, 10)))) for size in (64, 65)] == ["small", ""]


def test_noisy_images_are_shown_after_each_epoch_that_is_kept() -> None:
    how = {"epochs": 4, "snapshot_every": 2, "keep": "last"}
    run = Autoencoder(4, recipe="denoising-vae", training=how).fit(DIGITS[:200]).run_
    text = Images().corrupted_examples(run)
    assert text.count("After epoch") == 2
    assert text.count("<img") == 2 * 3 * 8
    assert "From noisy images" in text
    assert "Codes are drawn" in text
    plain = Autoencoder(4, recipe="denoising", epochs=1, corruption="mask").fit(DIGITS[:200]).run_
    text = Images().corrupted_examples(plain)
    assert "From damaged images" in text
    assert "Codes are drawn" not in text


def test_clean_training_shows_no_corrupted_images(digits_run: Run) -> None:
    assert Images().corrupted_examples(digits_run) == ""


def test_the_live_part_knows_axes_and_range(digits_run: Run) -> None:
    assert Images().live_sample(digits_run) == {"axes": "HW", "range": (0, 16)}


def test_large_images_are_reduced_beside_their_parts_with_the_largest_error() -> None:
    """Of three of each group; fewer are decoded, and no picture has more pixels than a reduction."""
    images = np.random.default_rng(0).integers(0, 256, (30, 200, 180), np.uint8)
    small = {"name": "conv", "channels": 2, "hidden": 4}
    how = {"encoder": small, "decoder": small, "training": {"epochs": 1}}
    run = fit(as_data(images), latent_dim=2, overrides=how)
    text = Images().examples(run)
    assert "reduced to 160 pixels" in text
    shown = [picture(attrs["src"]) for tag, attrs in parsed(text).tags if tag == "img"]
    assert [each.size for each in shown].count((144, 160)) == 3 * 2 * 6
    assert [each.size for each in shown].count((80, 80)) == 3 * 2 * 6
    assert "original, part" in text
    assert Images().look(run.schema) == "large"


def test_fewer_large_examples_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = describe(np.zeros((2, 28, 28)))
    assert [base.decoded(schema, usual, least) for usual, least in ((32, 8), (12, 6), (9, 5))] == [32, 12, 9]
    monkeypatch.setattr(base, "MOST_DECODED", 10 * 784)
    assert [base.decoded(schema, usual, least) for usual, least in ((32, 8), (12, 6), (9, 5))] == [10, 10, 9]
    monkeypatch.setattr(base, "MOST_DECODED", 784)
    assert [base.decoded(schema, usual, least) for usual, least in ((32, 8), (12, 6), (9, 5))] == [8, 6, 5]
