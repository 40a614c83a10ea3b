from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.vus import intervals, vus_pr, widened


def by_definition(anomalous: np.ndarray, scores: np.ndarray, longest: int) -> float:
    """VUS-PR, one buffer, threshold and anomaly at a time."""
    steps, found = np.arange(len(scores)), []
    thresholds = np.sort(scores)[::-1][np.linspace(0, len(scores) - 1, 250).astype(int)]
    for length in range(longest + 1):
        labels = anomalous.astype(float)
        for begin, end in intervals(anomalous):
            far = np.maximum(begin - steps, steps - end)
            labels += np.where(
                (far > 0) & (far <= length // 2), np.sqrt(np.maximum(1 - far / max(length, 1), 0)), 0
            )
        labels = np.minimum(labels, 1)
        segments = widened(intervals(anomalous), length // 2, len(scores))
        area, before = 0.0, 0.0
        for threshold in thresholds:
            flagged = scores >= threshold
            inside, beside = (labels[flagged & part].sum() for part in (anomalous, ~anomalous))
            met = np.mean([flagged[a : b + 1].any() for a, b in segments])
            recall = met * min(1, (inside + beside) / (anomalous.sum() + beside / 2))
            area += (recall - before) * (inside + beside) / flagged.sum()
            before = recall
        found.append(area)
    return float(np.mean(found))


@pytest.mark.parametrize("seed", range(6))
def test_vus_pr_is_that_of_its_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    anomalous = np.zeros(300, dtype=bool)
    for begin in rng.integers(0, 300, 4):
        anomalous[begin : begin + rng.integers(1, 30)] = True
    scores = np.round(rng.normal(size=300) + 2 * anomalous, seed % 3)
    assert vus_pr(anomalous, scores, 21) == pytest.approx(by_definition(anomalous, scores, 21), abs=1e-12)


def test_vus_pr_agrees_with_the_implementation_of_its_authors() -> None:
    steps = np.arange(1000)
    anomalous = ((steps > 300) & (steps < 340)) | ((steps > 350) & (steps < 355)) | (steps > 990)
    scores = np.sin(0.3 * steps) + 2 * np.exp(-(((steps - 345) / 20) ** 2))
    # By `RangeAUC_volume_opt` of the package vus 0.0.6, and of TSB-AD 1.5.
    assert vus_pr(anomalous, scores, 50) == pytest.approx(0.4181507855788061, abs=1e-9)


def test_a_late_score_counts_with_longer_buffers() -> None:
    steps = np.arange(500)
    anomalous, late = (steps >= 200) & (steps < 220), ((steps >= 222) & (steps < 242)).astype(float)
    assert vus_pr(anomalous, late, 0) < 0.1 < vus_pr(anomalous, late, 40)
