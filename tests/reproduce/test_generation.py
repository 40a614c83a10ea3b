from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.linalg import sqrtm

from narrows.reproduce.generation import against_normal, frechet, like, within_reach


def with_moments(mean: Any, covariance: Any, n: int = 50) -> Any:
    """Rows with exactly this mean and sample covariance."""
    x = np.random.default_rng(1).standard_normal((n, len(mean)))
    x -= x.mean(axis=0)
    white = x @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(x, rowvar=False)))).T
    return white @ np.linalg.cholesky(np.asarray(covariance)).T + mean


def test_frechet_is_the_closed_form() -> None:
    first, second = np.array([[2.0, 0.8], [0.8, 1.0]]), np.array([[1.0, -0.3], [-0.3, 3.0]])
    a, b = with_moments([1, 2], first), with_moments([0, -1], second)
    expected = 1 + 9 + np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    assert frechet(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet(a, a) == pytest.approx(0, abs=1e-9)
    # In one dimension it is (m₁ - m₂)² + (σ₁ - σ₂)².
    assert frechet(with_moments([3], [[4]]), with_moments([1], [[9]])) == pytest.approx(5)


def test_frechet_bears_features_that_never_vary() -> None:
    a = np.column_stack([with_moments([0], [[1]]), np.zeros(50)])
    assert frechet(a, a + np.array([0, 2])) == pytest.approx(4)


def test_points_are_within_reach_up_to_the_third_neighbour() -> None:
    line = np.arange(10, dtype=np.float32)[:, None]  # at the ends the third neighbour is 3 away
    near_far = np.array([[4.5], [11.9], [12.1], [-3.1]], dtype=np.float32)
    assert within_reach(near_far, line) == 0.5
    assert within_reach(line, line) == 1


def test_draws_like_codes_have_their_moments(rng: np.random.Generator) -> None:
    codes = with_moments([1, -2], [[2, 0.5], [0.5, 1]])
    found = like(codes, 20_000, rng)
    np.testing.assert_allclose(found.mean(axis=0), [1, -2], atol=0.05)
    np.testing.assert_allclose(np.cov(found, rowvar=False), [[2, 0.5], [0.5, 1]], atol=0.06)


def test_distances_from_the_standard_normal(rng: np.random.Generator) -> None:
    z = rng.standard_normal((20_000, 5))
    found = against_normal(z, rng)
    assert max(found.axes, found.sliced, found.length) < 0.03
    np.testing.assert_allclose(found.eigenvalues, 1, atol=0.05)
    # Shifted by 1 along each axis: Wasserstein-1 is the shift.
    assert against_normal(z + 1, rng).axes == pytest.approx(1, abs=0.03)
    # Twice as wide: E|2x - x| = E|x| = √(2/π).
    assert against_normal(2 * z, rng).sliced == pytest.approx((2 / np.pi) ** 0.5, abs=0.03)
