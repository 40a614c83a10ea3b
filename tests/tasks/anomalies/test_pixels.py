"""Scores of pixels: usual where only noise is left, high where the model is off, whatever the brightness."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from narrows.tasks.anomalies.pixels import Floats, PixelDetector, PixelScores, places, usual_residual


def bright(n: int, side: int = 32, seed: int = 0) -> Floats:
    """Smooth images `(n, side, side)` of a brightness from 5 to 200."""
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.standard_normal((n, side, side)), (0, 6, 6))
    return 5 + 195 * (field - field.min()) / np.ptp(field)


def counted(clean: Floats, seed: int = 1) -> Floats:
    """Counts beside their expected number, which a perfect model would give, `(…, 2)`."""
    return np.stack([np.random.default_rng(seed).poisson(clean), clean], axis=-1)


@pytest.fixture(scope="module")
def detector() -> PixelDetector:
    made = counted(bright(100))
    return PixelDetector(lambda rows: made[rows[:, 0, 0].astype(int)], np.arange(100)[:, None, None])


def test_the_usual_residual_of_counts_is_their_root(detector: PixelDetector) -> None:
    brightness, usual = detector.usual[0]
    np.testing.assert_allclose(usual[4:-4], np.sqrt(brightness[4:-4]), rtol=0.15)


def test_scores_are_alike_at_any_brightness(detector: PixelDetector) -> None:
    clean = bright(1, 256, seed=5)[0]
    scores = detector.scores(counted(clean, seed=6)).scores
    dark, light = (scores[which].mean() for which in (clean < 80, clean > 120))
    assert dark == pytest.approx(light, rel=0.1)
    assert scores.shape == (256, 256)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_spot_is_found_at_its_place_with_its_sign(detector: PixelDetector, sign: int) -> None:
    clean = bright(1, 128, seed=3)[0]
    y, x = np.mgrid[:128, :128]
    spot = 4 * np.sqrt(clean) * np.exp(-((y - 60) ** 2 + (x - 41) ** 2) / 8)
    values = np.random.default_rng(0).poisson(np.maximum(clean + sign * spot, 0))
    found = detector.scores(np.stack([values, clean], axis=-1))
    where = places(found, detector.threshold(0.001))
    assert np.abs(where[0] - (60, 41)).max() <= 2
    assert len(where) == 1
    assert found.brighter[tuple(where[0])] == (sign > 0)


def test_a_usual_patch_exceeds_the_threshold_as_often_as_said(detector: PixelDetector) -> None:
    new = counted(bright(2000, seed=8), seed=9)
    highest = np.array([detector.scores(each).scores.max() for each in new])
    for share in (0.2, 0.05):
        assert share / 2.5 < (highest > detector.threshold(share)).mean() < 2.5 * share


def test_anomalies_among_the_kept_patches_hardly_move_the_threshold(detector: PixelDetector) -> None:
    made = counted(bright(100))
    made[:20, 10:14, 10:14, 0] += 200
    spoiled = PixelDetector(lambda rows: made[rows[:, 0, 0].astype(int)], np.arange(100)[:, None, None])
    assert spoiled.threshold(0.01) < 1.35 * detector.threshold(0.01)


def test_every_channel_counts() -> None:
    made = np.concatenate([counted(bright(50, seed=i), seed=i) for i in (1, 2)], axis=-1)[..., [0, 2, 1, 3]]
    found = PixelDetector(lambda rows: made[rows[:, 0, 0].astype(int)], np.arange(50)[:, None, None])
    image = made[0].copy()
    image[16, 16, 1] += 500
    scores = found.scores(image).scores
    assert np.unravel_index(scores.argmax(), scores.shape) == (16, 16)


def test_places_are_the_highest_around_and_in_order() -> None:
    scores = np.zeros((40, 40))
    scores[10, 10], scores[12, 11], scores[30, 5], scores[0, 39] = 8, 6, 9, 7
    found = PixelScores(scores, scores > 0)
    assert places(found, 5.0).tolist() == [[30, 5], [10, 10], [0, 39]]
    assert places(found, 20.0).tolist() == []


def test_a_perfect_model_without_noise_has_a_small_usual_residual() -> None:
    brightness, usual = usual_residual(np.zeros(100), np.arange(100.0))
    assert len(brightness) == 32
    assert (usual > 0).all()
