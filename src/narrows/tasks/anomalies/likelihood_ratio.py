"""The ratio of two probability densities, estimated by a classifier."""

from __future__ import annotations

import numpy as np

from narrows.evaluation.errors import Floats

MOST = 100_000
"""Rows of each sample that the classifier is fitted to, at the most."""


def log_ratio(rows: Floats, others: Floats) -> Floats:
    """Log p(r | others) - log p(r | rows) of each of `rows (m, k)`, `(m,)`, in nats.

    A logistic regression on the values and their squares that tells both samples apart, with equal weights
    (Sugiyama, Suzuki & Kanamori 2012, "Density ratio estimation in machine learning", chapter 4).

    Args:
        rows: of one sample.
        others: of the other one, `(l, k)`.
    """
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    some, other = (x[rng.permutation(len(x))[:MOST]] for x in map(with_squares, (rows, others)))
    both, y = np.concatenate([some, other]), np.repeat([0, 1], [len(some), len(other)])
    centre, spread = both.mean(axis=0), both.std(axis=0) + 1e-12
    model = LogisticRegression(max_iter=500, class_weight="balanced").fit((both - centre) / spread, y)
    return np.asarray(model.decision_function((with_squares(rows) - centre) / spread))


def with_squares(x: Floats) -> Floats:
    """`x (n, k)` beside its squares."""
    return np.hstack([x, x**2])
