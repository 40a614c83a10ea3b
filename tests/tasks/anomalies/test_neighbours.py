"""Distances to neighbours: their surprises, and the share of each column in them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from narrows.tasks.anomalies import neighbours
from narrows.tasks.anomalies.neighbours import NEAR, Neighbours, neighbour_ranks
from tests.samples import curve

RNG = np.random.default_rng(0)


def outside(rows: np.ndarray) -> np.ndarray:
    return np.zeros(len(rows), dtype=np.bool_)


def inside(rows: np.ndarray) -> np.ndarray:
    return np.ones(len(rows), dtype=np.bool_)


def even(score: Neighbours, rows: np.ndarray) -> np.ndarray:
    """The same amount for each rank."""
    return np.full((len(rows), len(score.ranks)), 1 / len(score.ranks))


def log_distances(score: Neighbours, rows: np.ndarray, in_reference: np.ndarray) -> np.ndarray:
    return score.logs(score.ranked(rows, in_reference))


def surprises_of(score: Neighbours, rows: np.ndarray, in_reference: np.ndarray) -> np.ndarray:
    return score.surprises(rows, in_reference)


def shares_of(
    score: Neighbours, rows: np.ndarray, in_reference: np.ndarray, amounts: np.ndarray
) -> np.ndarray:
    return score.shares(rows, in_reference, amounts)


def test_ranks_are_the_near_ones_and_powers_of_2_up_to_a_twentieth_of_the_rows() -> None:
    for m in (100, 320, 1000, 5000):
        near, wide = np.split(neighbour_ranks(m), [len(NEAR)])
        assert tuple(near) == NEAR
        assert (np.log2(wide) == 3 + np.arange(len(wide))).all()
        assert wide[-1] <= max(8, m / 20) < 2 * wide[-1]
    assert neighbour_ranks(5).tolist() == [1, 3, 4]


def test_a_distance_is_that_to_the_neighbour_of_its_rank() -> None:
    reference, rows = RNG.standard_normal((40, 3)), RNG.standard_normal((5, 3))
    score = Neighbours(reference)
    by_hand = np.sort(np.linalg.norm(rows[:, None] - reference, axis=2), axis=1)[:, score.ranks - 1]
    softened = np.log(np.hypot(by_hand, score.softening))
    np.testing.assert_allclose(log_distances(score, rows, outside(rows)), softened)


def test_a_reference_row_is_not_its_own_neighbour() -> None:
    reference = RNG.standard_normal((30, 2))
    score = Neighbours(reference)
    by_hand = np.sort(np.linalg.norm(reference[1:] - reference[0], axis=1))[score.ranks - 1]
    found = log_distances(score, reference[:1], inside(reference[:1]))[0]
    np.testing.assert_allclose(found, np.log(np.hypot(by_hand, score.softening)))


def test_surprises_of_rows_like_the_reference_are_as_the_logarithm_of_a_share() -> None:
    """Of an even share the negative logarithm has the mean 1."""
    score = Neighbours(RNG.standard_normal((500, 4)))
    rows = RNG.standard_normal((300, 4))
    surprises = surprises_of(score, rows, outside(rows))
    assert abs(surprises.mean() - 1) < 0.25
    order = RNG.permutation(300)
    np.testing.assert_allclose(surprises_of(score, rows[order], outside(rows)), surprises[order])
    shuffled = Neighbours(score.reference.numpy()[RNG.permutation(500)])
    np.testing.assert_allclose(surprises_of(shuffled, rows, outside(rows)), surprises, rtol=1e-9)


def test_single_anomalies_and_groups_of_them_are_both_found() -> None:
    """Single ones by near ranks, groups by wide ones."""
    clusters = np.concatenate([RNG.normal(c, 0.3, (300, 5)) for c in (-2, 2)])
    alike = RNG.normal(0, 0.05, (12, 5)) + 9 * np.eye(5)[0]
    alone = RNG.uniform(-6, 6, (20, 5))
    table = np.concatenate([clusters, alike, alone])
    score = Neighbours(table)
    surprises, near = surprises_of(score, table, inside(table)), np.isin(score.ranks, NEAR)
    usual = np.arange(len(table)) < 600
    single, group = usual | (np.arange(len(table)) >= 612), np.arange(len(table)) < 612
    assert roc_auc_score(~usual[single], surprises[single][:, near].mean(axis=1)) > 0.99
    assert roc_auc_score(~usual[group], surprises[group][:, ~near].max(axis=1)) > 0.99
    assert roc_auc_score(~usual[group], surprises[group][:, near].mean(axis=1)) < 0.8


def test_distances_are_computed_in_slices_of_limited_size(monkeypatch: pytest.MonkeyPatch) -> None:
    score, rows = Neighbours(RNG.standard_normal((30, 3))), RNG.standard_normal((25, 3))
    at_once = shares_of(score, rows, outside(rows), even(score, rows))
    monkeypatch.setattr(neighbours, "MAX_DISTANCES", 300)
    assert [len(each.all) for each in score.distances(rows, outside(rows))] == [10, 10, 5]
    np.testing.assert_allclose(shares_of(score, rows, outside(rows), even(score, rows)), at_once)


@pytest.mark.parametrize("column", range(6))
def test_the_anomalous_column_has_the_largest_share(column: int) -> None:
    score = Neighbours(curve(400))
    rows = curve(20, seed=1)
    rows[:, column] += 6.0  # no other part of the curve is as near
    shares = shares_of(score, rows, outside(rows), even(score, rows))
    assert (shares.argmax(axis=1) == column).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    means = score.neighbour_means(rows, outside(rows), score.reference.numpy())
    assert (means[:, column] < rows[:, column] - 1).all()


def test_shares_of_one_neighbour_are_the_squared_differences() -> None:
    score = Neighbours(np.array([[0.0, 0.0], [5.0, 5.0]]))
    row = np.array([[3.0, 1.0]])
    shares = shares_of(score, row, outside(row), np.array([[7.0]]))
    to_nearest = (row[0] - score.reference.numpy()[0]) ** 2
    np.testing.assert_allclose(shares[0], 7 * to_nearest / to_nearest.sum())


def test_amounts_of_a_rank_are_divided_by_the_neighbours_up_to_it_alone() -> None:
    """The first neighbour differs in column 0, the others in column 1."""
    reference = np.array([[1.0, 0.0], [0.0, 3.0], [0.0, -3.0], [0.0, 4.0]])
    score, row = Neighbours(reference), np.zeros((1, 2))
    assert score.ranks.tolist() == [1, 3]
    np.testing.assert_allclose(shares_of(score, row, outside(row), np.array([[2.0, 0.0]])), [[2.0, 0.0]])
    np.testing.assert_allclose(shares_of(score, row, outside(row), np.array([[0.0, 1.9]])), [[0.1, 1.8]])


def test_a_value_without_a_difference_has_no_share() -> None:
    score = Neighbours(np.array([[0.0, 0.0], [5.0, 5.0]]))
    row = np.array([[5.0, 1.0]])
    np.testing.assert_array_equal(shares_of(score, row, outside(row), np.ones((1, 1))), [[0.0, 1.0]])


def test_surprises_and_shares_do_not_depend_on_the_unit() -> None:
    reference, rows = curve(200), curve(10, seed=2) + 0.5
    small, usual = Neighbours(1e-3 * reference), Neighbours(reference)
    np.testing.assert_allclose(
        surprises_of(small, 1e-3 * rows, outside(rows)), surprises_of(usual, rows, outside(rows))
    )
    amounts = even(usual, rows)
    np.testing.assert_allclose(
        shares_of(small, 1e-3 * rows, outside(rows), amounts), shares_of(usual, rows, outside(rows), amounts)
    )


def test_copies_do_not_count_as_neighbours_in_the_explanation_and_close_rows_do() -> None:
    reference = np.array([[1.0, 1.0], [1.01, 1.0], [6.0, 6.0]])
    score = Neighbours(reference)
    assert score.ranks.tolist() == [1, 2]
    amounts = np.array([[0.0, 1.0]])
    shares = shares_of(score, reference[:1], outside(reference[:1]), amounts)
    np.testing.assert_allclose(shares, [[1.0, 0.0]])


def test_surprises_of_copies_and_constants_are_finite() -> None:
    score = Neighbours(np.repeat(np.eye(3), 20, axis=0))
    rows = np.array([[1.0, 0, 0], [4.0, 0, 0]])
    surprises = surprises_of(score, rows, outside(rows))
    assert np.isfinite(surprises).all()
    assert (surprises[1] > surprises[0]).all()
    assert np.isfinite(shares_of(score, rows, outside(rows), even(score, rows))).all()
    alone = Neighbours(np.zeros((2, 2)))
    assert np.isfinite(surprises_of(alone, rows[:, :2], outside(rows))).all()


@pytest.mark.parametrize("m", [9, 80])
def test_means_are_those_of_the_nearest_rows_without_the_row_itself(m: int) -> None:
    reference, row = RNG.standard_normal((m, 3)), RNG.standard_normal((1, 3))
    score, count = Neighbours(reference), min(32, m - 1)
    nearest = reference[np.argsort(np.linalg.norm(reference - row, axis=1))]
    np.testing.assert_allclose(
        score.neighbour_means(row, outside(row), reference)[0], nearest[:count].mean(axis=0)
    )
    others = reference[1:][np.argsort(np.linalg.norm(reference[1:] - reference[0], axis=1))]
    means = score.neighbour_means(reference[:1], inside(reference[:1]), reference)
    np.testing.assert_allclose(means[0], others[:count].mean(axis=0))
