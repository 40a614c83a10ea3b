"""Distances to neighbours at every scale: what they tell, and of which column."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from narrows.tasks.anomalies.neighbour_score import Neighbours, influence, scales, softest
from tests.samples import curve

RNG = np.random.default_rng(0)


def outside(rows: np.ndarray) -> np.ndarray:
    return np.zeros(len(rows), dtype=np.bool_)


def test_ranks_double_up_to_half_of_the_rows() -> None:
    for m in (2, 3, 17, 1000, 5000):
        ranks = scales(m)
        assert ranks[0] == 1
        assert (np.diff(ranks) == ranks[:-1]).all()
        assert ranks[-1] <= max(1, m // 2) < 2 * ranks[-1] + 1


def test_a_distance_is_that_to_the_neighbour_of_its_rank() -> None:
    reference, rows = RNG.standard_normal((40, 3)), RNG.standard_normal((5, 3))
    space = Neighbours(reference)
    by_hand = np.sort(np.linalg.norm(rows[:, None] - reference, axis=2), axis=1)[:, space.ranks - 1]
    np.testing.assert_allclose(space.logarithms(rows, outside(rows)), space.blurred(by_hand))


def test_a_row_among_the_reference_is_no_neighbour_of_its_own() -> None:
    reference = RNG.standard_normal((30, 2))
    space = Neighbours(reference)
    without = Neighbours(reference[1:])
    found = space.logarithms(reference[:1], np.ones(1, dtype=np.bool_))
    np.testing.assert_allclose(
        found[:, :4], space.blurred(np.exp(without_blur(without, reference[:1])))[:, :4]
    )


def without_blur(space: Neighbours, rows: np.ndarray) -> np.ndarray:
    space.blur = 0.0
    return space.logarithms(rows, outside(rows))


def test_rows_like_the_reference_score_about_0_and_order_does_not_matter() -> None:
    space = Neighbours(RNG.standard_normal((500, 4)))
    rows = RNG.standard_normal((300, 4))
    scores = space.scores(rows, outside(rows))
    assert abs(np.median(scores)) < 0.5
    order = RNG.permutation(300)
    np.testing.assert_allclose(space.scores(rows[order], outside(rows)), scores[order])
    shuffled = Neighbours(space.reference.numpy()[RNG.permutation(500)])
    np.testing.assert_allclose(shuffled.scores(rows, outside(rows)), scores, rtol=1e-9)


def test_one_in_a_gap_and_many_that_are_alike_are_both_found() -> None:
    """The first by its nearest neighbours, the others by their far ones."""
    clusters = np.concatenate([RNG.normal(c, 0.3, (300, 5)) for c in (-2, 2)])
    alike = RNG.normal(0, 0.05, (20, 5)) + 9 * np.eye(5)[0]
    alone = np.zeros((20, 5)) + RNG.normal(0, 0.3, (20, 5))
    table = np.concatenate([clusters, alike, alone])
    truth = np.arange(len(table)) >= len(clusters)
    scores = Neighbours(table).scores(table, np.ones(len(table), dtype=np.bool_))
    assert roc_auc_score(truth, scores) > 0.99


def test_the_scale_with_the_say_is_the_derivative_of_the_score() -> None:
    deviations, step = RNG.standard_normal((3, 6)), 1e-6
    slopes = [(softest(deviations + step * np.eye(6)[k]) - softest(deviations)) / step for k in range(6)]
    np.testing.assert_allclose(influence(deviations), np.transpose(slopes), atol=1e-5)


@pytest.mark.parametrize("column", range(6))
def test_the_column_that_is_off_has_the_largest_share(column: int) -> None:
    space = Neighbours(curve(400))
    rows = curve(20, seed=1)
    rows[:, column] += 6.0  # no other part of the curve is as near
    shares = space.shares(rows, outside(rows))
    assert (shares.argmax(axis=1) == column).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    usual = space.usual(rows, outside(rows), space.reference.numpy())
    assert (usual[:, column] < rows[:, column] - 1).all()


def test_shares_are_the_squared_differences_by_hand_where_there_is_one_neighbour() -> None:
    space = Neighbours(np.array([[0.0, 0.0], [5.0, 5.0]]))
    row = np.array([[3.0, 1.0]])
    shares = space.shares(row, outside(row))
    to_nearest = (row[0] - space.reference.numpy()[1 if np.hypot(2, 4) < np.hypot(3, 1) else 0]) ** 2
    np.testing.assert_allclose(shares[0], to_nearest / to_nearest.sum())


def test_copies_and_constants_break_nothing() -> None:
    space = Neighbours(np.repeat(np.eye(3), 20, axis=0))
    rows = np.array([[1.0, 0, 0], [4.0, 0, 0]])
    scores = space.scores(rows, outside(rows))
    assert np.isfinite(scores).all()
    assert scores[1] > scores[0]
    assert np.isfinite(space.shares(rows, outside(rows))).all()
    alone = Neighbours(np.zeros((2, 2)))
    assert np.isfinite(alone.scores(rows[:, :2], outside(rows))).all()
