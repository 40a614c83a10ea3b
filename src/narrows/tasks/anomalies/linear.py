"""The Mahalanobis distance of rows: how far they are in directions in which the reference rows hardly vary.

It finds rows that break a linear relation of many columns, which distances to neighbours do not see because
each column is as usual. The covariance is shrunk as Ledoit & Wolf 2004 derive, "A well-conditioned estimator
for large-dimensional covariance matrices", Journal of Multivariate Analysis 88.
"""

from __future__ import annotations

import numpy as np

from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.tail import Tail

FOLDS = 5
"""Parts of the reference rows; the distances of each are by the covariance of the others."""


class Mahalanobis:
    """The distance of rows from the mean of reference rows, in standard deviations of their covariance.

    Args:
        reference: `(m, values)`, m at least 2.
    """

    def __init__(self, reference: Floats) -> None:
        self.mean, self.precision = mean_and_precision(reference)
        self.tail = Tail(np.log(cross_distances(reference)))

    def surprises(self, rows: Floats) -> Floats:
        """The surprise of the distance of each of `rows (n, values)`, `(n, 1)`."""
        logs = np.log(distances(rows, self.mean, self.precision))
        return self.tail.surprise(logs, np.zeros(len(rows), dtype=np.bool_))[:, None]

    def shares(self, rows: Floats, amounts: Floats) -> Floats:
        """The `amounts (n, 1)` divided among values, `(n, values)`; the sums over rows stay the same.

        A squared distance is a sum over values, of which those that are not positive get nothing.
        """
        centred = rows - self.mean
        terms = np.maximum(centred * (centred @ self.precision), 0.0)
        return terms * (amounts / np.maximum(terms.sum(axis=1, keepdims=True), 1e-300))


def mean_and_precision(rows: Floats) -> tuple[Floats, Floats]:
    """The mean `(values,)` and the inverse covariance `(values, values)` of `rows (n, values)`."""
    from sklearn.covariance import LedoitWolf

    fitted = LedoitWolf().fit(rows)
    return fitted.location_, fitted.precision_


def distances(rows: Floats, mean: Floats, precision: Floats) -> Floats:
    """The Mahalanobis distances `(n,)` of `rows (n, values)`, above 0."""
    centred = rows - mean
    return np.sqrt(np.maximum((centred * (centred @ precision)).sum(axis=1), 1e-24))


def cross_distances(rows: Floats) -> Floats:
    """The distance of each of `rows (n, values)` by the covariance of the other folds, `(n,)`.

    Of fewer than `FOLDS` rows it is by the covariance of all.
    """
    if len(rows) < FOLDS:
        return distances(rows, *mean_and_precision(rows))
    fold, found = np.random.default_rng(0).permutation(len(rows)) % FOLDS, np.empty(len(rows))
    for k in range(FOLDS):
        found[fold == k] = distances(rows[fold == k], *mean_and_precision(rows[fold != k]))
    return found
