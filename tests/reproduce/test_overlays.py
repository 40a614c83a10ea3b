from __future__ import annotations

import numpy as np

from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.overlays import OverlayDetector, brightened, partners


def test_partners_have_other_labels() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    drawn = partners(labels, np.random.default_rng(0))
    assert (labels[drawn] != labels).all()


def test_images_are_as_bright_as_white() -> None:
    images = brightened(np.array([[0.0, 0.25], [0.5, 1.0], [0.0, 0.0]]))
    np.testing.assert_allclose(images, [[0, 1], [0.5, 1], [0, 0]])


def test_one_digit_is_told_from_two() -> None:
    lab = Lab(quick=True)
    data, test = lab.first(lab.digits, 1500), lab.digits.held_out
    detector = OverlayDetector(flat(data.array), np.asarray(data.labels), 5, 0)
    x, labels = flat(test.array)[:400], np.asarray(test.labels)[:400]
    two = (x + x[partners(labels, np.random.default_rng(1))]) / 2
    assert detector.single(x) > 0.8
    assert detector.single(two) < 0.2
