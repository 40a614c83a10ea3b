"""Scores of pixels: usual where only noise is left, high where the model is off, whatever the brightness."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from narrows.tasks.anomalies.pixels import Floats, PixelDetector, averaged, peaks, usual_residual


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
    return PixelDetector(counted(bright(100)))


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
    where, scores = peaks(found.scores)
    assert np.abs(where[0] - (60, 41)).max() <= 2
    assert (scores > detector.threshold(0.001)).sum() == 1
    assert found.brighter[tuple(where[0])] == (sign > 0)


def test_a_usual_patch_exceeds_the_threshold_no_more_often_than_said(detector: PixelDetector) -> None:
    new = counted(bright(600, seed=8), seed=9)
    highest = np.array([detector.scores(each).scores.max() for each in new])
    for share in (0.2, 0.05):
        assert share / 10 < (highest > detector.threshold(share)).mean() < share


def test_anomalies_among_the_kept_patches_hardly_move_the_threshold(detector: PixelDetector) -> None:
    made = counted(bright(100))
    made[:20, 10:14, 10:14, 0] += 200
    assert PixelDetector(made).threshold(0.01) < 1.15 * detector.threshold(0.01)


def test_every_channel_counts() -> None:
    made = np.concatenate([counted(bright(50, seed=i), seed=i) for i in (1, 2)], axis=-1)[..., [0, 2, 1, 3]]
    found = PixelDetector(made)
    image = made[0].copy()
    image[16, 16, 1] += 500
    scores = found.scores(image).scores
    assert np.unravel_index(scores.argmax(), scores.shape) == (16, 16)


def test_peaks_are_the_highest_around_and_in_order() -> None:
    scores = np.zeros((40, 40))
    scores[10, 10], scores[12, 11], scores[30, 5], scores[0, 39] = 8, 6, 9, 7
    where, found = peaks(scores)
    assert where[:3].tolist() == [[30, 5], [10, 10], [0, 39]]
    assert found[:4].tolist() == [9, 8, 7, 0]


def test_the_probability_of_a_score_is_how_many_usual_peaks_exceed_it(detector: PixelDetector) -> None:
    new = counted(bright(400, seed=8), seed=9)
    found = np.concatenate([peaks(detector.scores(each).scores)[1] for each in new])
    for score in np.quantile(found, [0.5, 0.9, 0.95]):
        assert detector.p(score) == pytest.approx((found > score).mean(), rel=0.3)


@pytest.mark.parametrize("planted", [0, 3, 60])
def test_few_usual_peaks_are_found_however_many_are_unusual(detector: PixelDetector, planted: int) -> None:
    rng = np.random.default_rng(planted)
    usual = [rng.gumbel(detector.location, detector.spread, 5000) for _ in range(40)]
    unusual = detector.threshold(1e-4) + rng.random(planted)
    least = [detector.least_found(np.append(each, unusual), 5000 + planted) for each in usual]
    false = [(each >= bound).sum() for each, bound in zip(usual, least, strict=True)]
    assert np.mean(false) <= 0.2 + 0.1 * planted
    assert max([0, *np.mean(unusual[:, None] < least, axis=1)]) < 0.1


def test_peaks_must_be_higher_where_few_are_unusual(detector: PixelDetector) -> None:
    usual = np.random.default_rng(0).gumbel(detector.location, detector.spread, 5000)
    few, many = (detector.least_found(np.append(usual, np.full(n, 99.0)), 5000 + n) for n in (1, 200))
    assert many < detector.threshold(0.01) < few


def test_no_place_is_found_without_an_unusual_peak(detector: PixelDetector) -> None:
    assert detector.least_found(np.empty(0), 10) == np.inf
    assert detector.least_found(np.empty(0), 0) == np.inf


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_averages_of_noise_are_as_large_at_the_border_as_in_the_middle(scale: float) -> None:
    noise = np.random.default_rng(0).standard_normal((300, 48, 48))
    made = np.stack([averaged(each, scale) for each in noise])
    middle = made[:, 20:28, 20:28].std()
    for place in (made[:, 0], made[:, :, -1], made[:, :2, :2]):
        assert place.std() == pytest.approx(middle, rel=0.1)


def test_a_perfect_model_without_noise_has_a_small_usual_residual() -> None:
    brightness, usual = usual_residual(np.zeros(100), np.arange(100.0))
    assert len(brightness) == 32
    assert (usual > 0).all()
