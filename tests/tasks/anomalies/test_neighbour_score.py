"""Distances to neighbours of all ranks: the score, and the share of each column in it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from narrows.tasks.anomalies import neighbour_score
from narrows.tasks.anomalies.neighbour_score import (
    NeighbourScore,
    neighbour_ranks,
    soft_maximum,
    soft_maximum_weights,
)
from tests.samples import curve

RNG = np.random.default_rng(0)


def outside(rows: np.ndarray) -> np.ndarray:
    return np.zeros(len(rows), dtype=np.bool_)


def test_ranks_are_powers_of_2_up_to_half_of_the_rows() -> None:
    for m in (2, 3, 17, 1000, 5000):
        ranks = neighbour_ranks(m)
        assert ranks[0] == 1
        assert (np.diff(ranks) == ranks[:-1]).all()
        assert ranks[-1] <= max(1, m // 2) < 2 * ranks[-1] + 1


def test_a_distance_is_that_to_the_neighbour_of_its_rank() -> None:
    reference, rows = RNG.standard_normal((40, 3)), RNG.standard_normal((5, 3))
    score = NeighbourScore(reference)
    by_hand = np.sort(np.linalg.norm(rows[:, None] - reference, axis=2), axis=1)[:, score.ranks - 1]
    np.testing.assert_allclose(score.log_distances(rows, outside(rows)), score.softened(by_hand))


def test_a_reference_row_is_not_its_own_neighbour() -> None:
    reference = RNG.standard_normal((30, 2))
    score = NeighbourScore(reference)
    without = NeighbourScore(reference[1:])
    found = score.log_distances(reference[:1], np.ones(1, dtype=np.bool_))
    np.testing.assert_allclose(
        found[:, :4], score.softened(np.exp(not_softened(without, reference[:1])))[:, :4]
    )


def not_softened(score: NeighbourScore, rows: np.ndarray) -> np.ndarray:
    score.softening = 0.0
    return score.log_distances(rows, outside(rows))


def test_rows_like_the_reference_score_about_0_in_any_order() -> None:
    score = NeighbourScore(RNG.standard_normal((500, 4)))
    rows = RNG.standard_normal((300, 4))
    scores = score.scores(rows, outside(rows))
    assert abs(np.median(scores)) < 0.5
    order = RNG.permutation(300)
    np.testing.assert_allclose(score.scores(rows[order], outside(rows)), scores[order])
    shuffled = NeighbourScore(score.reference.numpy()[RNG.permutation(500)])
    np.testing.assert_allclose(shuffled.scores(rows, outside(rows)), scores, rtol=1e-9)


def test_single_anomalies_and_clusters_of_them_are_both_found() -> None:
    """Single ones by small ranks, clusters by large ranks."""
    clusters = np.concatenate([RNG.normal(c, 0.3, (300, 5)) for c in (-2, 2)])
    alike = RNG.normal(0, 0.05, (20, 5)) + 9 * np.eye(5)[0]
    alone = np.zeros((20, 5)) + RNG.normal(0, 0.3, (20, 5))
    table = np.concatenate([clusters, alike, alone])
    truth = np.arange(len(table)) >= len(clusters)
    scores = NeighbourScore(table).scores(table, np.ones(len(table), dtype=np.bool_))
    assert roc_auc_score(truth, scores) > 0.99


def test_the_soft_maximum_is_that_of_the_formula() -> None:
    expected = np.log((np.exp(2.0) + np.exp(6.0)) / 2) / 2
    np.testing.assert_allclose(soft_maximum(np.array([[1.0, 3.0], [3.0, 1.0]])), expected)
    np.testing.assert_allclose(soft_maximum(np.full((1, 5), -2.5)), -2.5)


def test_distances_are_computed_in_slices_of_limited_size(monkeypatch: pytest.MonkeyPatch) -> None:
    score, rows = NeighbourScore(RNG.standard_normal((30, 3))), RNG.standard_normal((25, 3))
    at_once = score.shares(rows, outside(rows))
    monkeypatch.setattr(neighbour_score, "MAX_DISTANCES", 300)
    assert [len(each.all) for each in score.distances(rows, outside(rows))] == [10, 10, 5]
    np.testing.assert_allclose(score.shares(rows, outside(rows)), at_once)


def test_the_weights_of_the_ranks_are_the_derivative_of_the_score() -> None:
    deviations, step = RNG.standard_normal((3, 6)), 1e-6
    slopes = [
        (soft_maximum(deviations + step * np.eye(6)[k]) - soft_maximum(deviations)) / step for k in range(6)
    ]
    np.testing.assert_allclose(soft_maximum_weights(deviations), np.transpose(slopes), atol=1e-5)


@pytest.mark.parametrize("column", range(6))
def test_the_anomalous_column_has_the_largest_share(column: int) -> None:
    score = NeighbourScore(curve(400))
    rows = curve(20, seed=1)
    rows[:, column] += 6.0  # no other part of the curve is as near
    shares = score.shares(rows, outside(rows))
    assert (shares.argmax(axis=1) == column).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    means = score.neighbour_means(rows, outside(rows), score.reference.numpy())
    assert (means[:, column] < rows[:, column] - 1).all()


def test_shares_of_one_neighbour_are_the_squared_differences() -> None:
    score = NeighbourScore(np.array([[0.0, 0.0], [5.0, 5.0]]))
    row = np.array([[3.0, 1.0]])
    shares = score.shares(row, outside(row))
    to_nearest = (row[0] - score.reference.numpy()[1 if np.hypot(2, 4) < np.hypot(3, 1) else 0]) ** 2
    np.testing.assert_allclose(shares[0], to_nearest / to_nearest.sum())


def test_a_value_without_a_difference_has_no_share() -> None:
    score = NeighbourScore(np.array([[0.0, 0.0], [5.0, 5.0]]))
    row = np.array([[5.0, 1.0]])
    np.testing.assert_array_equal(score.shares(row, outside(row)), [[0.0, 1.0]])


def test_scores_and_shares_do_not_depend_on_the_unit() -> None:
    reference, rows = curve(200), curve(10, seed=2) + 0.5
    small, usual = NeighbourScore(1e-3 * reference), NeighbourScore(reference)
    np.testing.assert_allclose(small.scores(1e-3 * rows, outside(rows)), usual.scores(rows, outside(rows)))
    np.testing.assert_allclose(small.shares(1e-3 * rows, outside(rows)), usual.shares(rows, outside(rows)))


def test_copies_do_not_count_as_neighbours_in_the_explanation_and_close_rows_do() -> None:
    reference = np.array([[1.0, 1.0], [1.01, 1.0], [6.0, 6.0], [7.0, 7.0]])
    score = NeighbourScore(reference)
    assert score.ranks.tolist() == [1, 2]
    means = score.neighbour_means(reference[:1], outside(reference[:1]), reference)
    np.testing.assert_allclose(means, [[1.01, 1.0]])


def test_scores_of_copies_and_constants_are_finite() -> None:
    score = NeighbourScore(np.repeat(np.eye(3), 20, axis=0))
    rows = np.array([[1.0, 0, 0], [4.0, 0, 0]])
    scores = score.scores(rows, outside(rows))
    assert np.isfinite(scores).all()
    assert scores[1] > scores[0]
    assert np.isfinite(score.shares(rows, outside(rows))).all()
    alone = NeighbourScore(np.zeros((2, 2)))
    assert np.isfinite(alone.scores(rows[:, :2], outside(rows))).all()


def test_means_of_neighbours_weigh_each_neighbour_up_to_a_rank_alike() -> None:
    reference, row = RNG.standard_normal((9, 3)), RNG.standard_normal((1, 3))
    score = NeighbourScore(reference)
    assert score.ranks.tolist() == [1, 2, 4]
    nearest = reference[np.argsort(np.linalg.norm(reference - row, axis=1))]
    weights = soft_maximum_weights(score.standardised(score.log_distances(row, outside(row))))[0]
    by_hand = sum(w * nearest[:k].mean(axis=0) for w, k in zip(weights, score.ranks, strict=True))
    np.testing.assert_allclose(score.neighbour_means(row, outside(row), reference)[0], by_hand)
