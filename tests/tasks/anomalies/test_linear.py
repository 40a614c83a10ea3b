"""The Mahalanobis distance: its value, the rows it finds, and the share of each column."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score

from narrows.tasks.anomalies.linear import Mahalanobis, cross_distances, distances, mean_and_precision
from narrows.tasks.anomalies.neighbours import Neighbours

RNG = np.random.default_rng(0)

MIX = RNG.standard_normal((3, 12))


def related(n: int) -> np.ndarray:
    """Twelve columns that are sums of three numbers, and a little noise."""
    return np.asarray(RNG.standard_normal((n, 3)) @ MIX + 0.02 * RNG.standard_normal((n, 12)))


def test_the_distance_is_that_by_the_shrunk_covariance() -> None:
    rows = related(50)
    found = distances(rows[:5], *mean_and_precision(rows))
    precision = np.linalg.inv(LedoitWolf().fit(rows).covariance_)
    by_hand = [mahalanobis(row, rows.mean(axis=0), precision) for row in rows[:5]]
    np.testing.assert_allclose(found, by_hand)


def test_a_broken_relation_is_found_that_neighbours_do_not_see() -> None:
    reference, rows = related(1000), related(200)
    rows[100:] += 0.15 * RNG.standard_normal((100, 12))
    truth, none = np.arange(200) >= 100, np.zeros(200, dtype=np.bool_)
    assert roc_auc_score(truth, Mahalanobis(reference).surprises(rows)[:, 0]) > 0.95
    by_neighbours = Neighbours(reference)
    surprises = by_neighbours.surprises(rows, none)
    assert roc_auc_score(truth, surprises.mean(axis=1)) < 0.8


def test_distances_of_the_reference_are_as_those_of_new_rows() -> None:
    """Though the columns are half as many as the rows, and each row has a part in the covariance."""
    reference, rows = RNG.standard_normal((60, 30)), RNG.standard_normal((500, 30))
    fresh = distances(rows, *mean_and_precision(reference))
    assert abs(np.median(cross_distances(reference)) / np.median(fresh) - 1) < 0.1
    assert abs(Mahalanobis(reference).surprises(rows).mean() - 1) < 0.4


@pytest.mark.parametrize("column", [0, 5, 11])
def test_the_column_that_breaks_the_relation_has_the_largest_share(column: int) -> None:
    found, rows = Mahalanobis(related(500)), related(20)
    rows[:, column] += 1.0
    amounts = RNG.random((20, 1))
    shares = found.shares(rows, amounts)
    assert shares.sum(axis=0).argmax() == column
    np.testing.assert_allclose(shares.sum(axis=1), amounts[:, 0])
    assert (shares >= 0).all()


@pytest.mark.parametrize("reference", [np.zeros((30, 2)), np.ones((2, 3)), np.eye(3), np.eye(7)])
def test_constants_and_few_rows_have_finite_surprises(reference: np.ndarray) -> None:
    found = Mahalanobis(reference)
    rows = np.concatenate([reference[:1], reference[:1] + 5.0])
    assert np.isfinite(found.surprises(rows)).all()
    assert np.isfinite(found.shares(rows, np.ones((2, 1)))).all()
