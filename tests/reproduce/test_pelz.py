from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.lab import Entry, Lab, add_noise, held_out_images, mse, reconstruct_images
from narrows.reproduce.pelz import ENTRIES, codes, error_curve, weight_images
from tests.reproduce.test_drawings import pixels


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_each_has_numbers_a_sentence_and_figures(entry: Entry, lab: Lab) -> None:
    finding = entry.measure(lab)
    assert finding.checks
    assert finding.figures or entry.id == "P4"  # which draws every fourth epoch
    assert all(np.isfinite(value) for value in (*finding.measured.values(), *finding.yardstick.values()))
    assert "nan" not in finding.sentence.lower()


def test_the_numbers_are_errors_on_the_test_images(lab: Lab) -> None:
    found = {entry.id: entry.measure(lab) for entry in ENTRIES if entry.id in ("P1", "P2")}
    x = held_out_images(lab.digits)
    assert found["P1"].measured["test_mse"] == mse(x, reconstruct_images(lab.fit("p1"), x))
    assert found["P1"].yardstick["pca_mse"] == lab.pca(lab.digits, 64)[1]
    assert found["P2"].measured["mse_from_noisy"] == mse(x, reconstruct_images(lab.fit("p2"), add_noise(x)))
    assert found["P2"].yardstick["noisy_mse"] == pytest.approx(mse(x, add_noise(x)))


def test_codes_are_those_of_the_test_images(lab: Lab) -> None:
    run = lab.fit("p5")
    np.testing.assert_array_equal(codes(lab, run), run.encode(lab.digits.held_out.array))


def test_each_weight_image_is_scaled_to_black_and_white(lab: Lab) -> None:
    (sheet,) = pixels(weight_images(lab.fit("p5"), "c").html)
    assert sheet.shape == (4 * 28 + 3 * 2, 10 * 28 + 9 * 2)
    for top in range(0, 120, 30):
        for left in range(0, 300, 30):
            tile = sheet[top : top + 28, left : left + 28]
            assert (tile.min(), tile.max()) == (0, 255)


def test_the_error_curve_shows_training_and_test(lab: Lab) -> None:
    run = lab.fit("p1")
    figure = error_curve(run)
    assert ">test<" in figure.html
    assert ">training<" in figure.html
