from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from narrows.data.graphs.propagation import adjacency, normalised_adjacency
from narrows.evaluation.link_prediction import (
    BETA,
    Known,
    LinkScores,
    auc_gain,
    degrees,
    katz,
    smoothed_svd,
    spectral,
    yardsticks,
)
from tests.samples import communities

GRAPH = communities(60)
KNOWN = Known(GRAPH["edges"], 60)
PAIRS = np.array([[0, 4], [0, 1], [3, 7], [10, 50]])


def test_auc_counts_ties_as_half() -> None:
    rng = np.random.default_rng(0)
    scores = LinkScores(rng.integers(0, 5, 40) + 0.0, rng.integers(0, 4, 30) + 0.0)
    truth = np.repeat([1, 0], [40, 30])
    assert scores.auc == pytest.approx(roc_auc_score(truth, np.concatenate(scores)))


def test_the_interval_of_a_gain_covers_the_truth() -> None:
    """Two methods of the same AUC on other pairs each time: zero is outside in about 5 of 100 cases."""
    outside = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        shared, noise = rng.normal(size=(2, 60)), rng.normal(size=(2, 2, 60))
        ours, theirs = (LinkScores(shared[0] + 1 + noise[i, 0], shared[1] + noise[i, 1]) for i in range(2))
        low, high = auc_gain(ours, theirs)
        outside += not low <= 0 <= high
    assert 2 <= outside <= 22


def test_katz_counts_walks_up_to_five() -> None:
    a = adjacency(KNOWN.edges, 60).toarray()
    whole = sum(BETA**k * np.linalg.matrix_power(a, k) for k in range(1, 6))
    np.testing.assert_allclose(katz(KNOWN)(PAIRS), whole[PAIRS[:, 0], PAIRS[:, 1]])


def test_the_spectral_scores_are_those_of_a_truncated_svd() -> None:
    s = normalised_adjacency(KNOWN.edges, 60).toarray()
    squared = s @ s
    u, values, vt = np.linalg.svd(squared)
    kept = (u[:, :59] * values[:59]) @ vt[:59]
    np.testing.assert_allclose(spectral(KNOWN)(PAIRS), kept[PAIRS[:, 0], PAIRS[:, 1]], atol=1e-9)


def test_the_smoothed_svd_compares_by_angle() -> None:
    s = normalised_adjacency(KNOWN.edges, 60)
    x = GRAPH["x"].astype(np.float64)
    scores = smoothed_svd(s, x, 40)(PAIRS)
    smooth = s @ (s @ x)
    smooth /= np.linalg.norm(smooth, axis=1, keepdims=True)
    np.testing.assert_allclose(scores, (smooth @ smooth.T)[PAIRS[:, 0], PAIRS[:, 1]], atol=1e-9)


def test_degrees_are_multiplied() -> None:
    d = adjacency(KNOWN.edges, 60).sum(axis=1).A1
    np.testing.assert_allclose(degrees(KNOWN)(PAIRS), (d[PAIRS[:, 0]] + 1) * (d[PAIRS[:, 1]] + 1))


def test_yardsticks_suit_the_features() -> None:
    assert len(yardsticks(KNOWN, 4)) == 3
    with_features = Known(KNOWN.edges, 60, {"": GRAPH["x"].astype(np.float64)})
    assert list(yardsticks(with_features, 4)) == ["the SVD of S²X, 4 components"]


def test_a_spectral_embedding_is_the_same_each_time() -> None:
    """Also of a graph in many parts, whose first eigenvalues are all 1."""
    pairs = np.array([[4 * i + a, 4 * i + b] for i in range(40) for a in range(4) for b in range(a)])
    known = Known(pairs, 160)
    tried = np.random.default_rng(0).integers(0, 160, (50, 2))
    assert spectral(known)(tried).tolist() == spectral(known)(tried).tolist()
