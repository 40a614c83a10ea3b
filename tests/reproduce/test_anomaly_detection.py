from __future__ import annotations

import numpy as np
import pytest

from narrows.estimators.anomaly_detector import AnomalyDetector
from narrows.reproduce.anomaly_detection import (
    OURS,
    Normal,
    checks,
    false_positive_rate,
    images_of,
    judge,
    largest_by_chance,
    pixel_auroc,
    with_squares,
)
from narrows.reproduce.lab import Lab
from narrows.reproduce.use_models import autoencoder


def test_other_digits_are_judged_as_anomalies(lab: Lab) -> None:
    train = images_of(lab.digits, 0)
    detector = AnomalyDetector(autoencoder(4, 3, 0)).fit(train)
    found = judge(detector, train, lab.digits.held_out, 0)
    assert found.auroc[OURS] > 0.8
    assert found.tested == int((np.asarray(lab.digits.held_out.labels) == 0).sum())
    assert 0.5 < found.pixels < 1


def test_a_square_is_inverted_and_marked(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (20, 28, 28), dtype=np.uint8)
    damaged, square = with_squares(images, rng)
    assert (square.sum(axis=(1, 2)) == 36).all()
    np.testing.assert_array_equal(damaged[square], 255 - images[square])
    np.testing.assert_array_equal(damaged[~square], images[~square])
    assert pixel_auroc(square.astype(float), square) == 1
    assert pixel_auroc(np.ones(images.shape), square) == 0.5


def test_chance_leaves_room_above_the_allowed_rate() -> None:
    few, many = (normal(tested=n, calibrated=99) for n in (10, 100_000))
    assert 0.05 < largest_by_chance([many] * 50) < largest_by_chance([many]) < largest_by_chance([few])
    assert largest_by_chance([many] * 50) < 0.06


def test_a_detector_must_beat_the_others_keep_the_rate_and_show_the_damage() -> None:
    good = [normal(), replace_auroc(normal(), 0.96), replace_auroc(normal(), 0.97)]
    assert [check.outcome for check in checks(good)] == [True] * 4
    assert false_positive_rate(good) == pytest.approx(0.05)
    loud = [each._replace(flagged=30, pixels=0.3) for each in good]
    assert [check.outcome for check in checks(loud)] == [True, True, False, False]


def normal(tested: int = 100, calibrated: int = 99) -> Normal:
    auroc = {OURS: 0.95, "PCA error": 0.9, "k nearest neighbours": 0.9}
    return Normal(auroc, 5, tested, calibrated, pixels=0.9, pixels_pca=0.8)


def replace_auroc(result: Normal, value: float) -> Normal:
    return result._replace(auroc={**result.auroc, OURS: value})
