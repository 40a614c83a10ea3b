"""Rows with given moments, for the tests of samples."""

from __future__ import annotations

from typing import Any

import numpy as np


def with_moments(mean: Any, covariance: Any, n: int = 50) -> Any:
    """Rows with exactly this mean and sample covariance."""
    x = np.random.default_rng(1).standard_normal((n, len(mean)))
    x -= x.mean(axis=0)
    white = x @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(x, rowvar=False)))).T
    return white @ np.linalg.cholesky(np.asarray(covariance)).T + mean
