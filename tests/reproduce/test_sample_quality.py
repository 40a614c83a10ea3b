from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from narrows.reproduce.sample_quality import frechet, share_near
from tests.reproduce.moments import with_moments


def test_frechet_is_the_closed_form() -> None:
    first, second = np.array([[2.0, 0.8], [0.8, 1.0]]), np.array([[1.0, -0.3], [-0.3, 3.0]])
    a, b = with_moments([1, 2], first), with_moments([0, -1], second)
    expected = 1 + 9 + np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    assert frechet(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet(a, a) == pytest.approx(0, abs=1e-9)
    # In one dimension it is (m₁ - m₂)² + (σ₁ - σ₂)².
    assert frechet(with_moments([3], [[4]]), with_moments([1], [[9]])) == pytest.approx(5)


def test_frechet_accepts_constant_features() -> None:
    a = np.column_stack([with_moments([0], [[1]]), np.zeros(50)])
    assert frechet(a, a + np.array([0, 2])) == pytest.approx(4)


def test_points_are_near_up_to_the_third_neighbour() -> None:
    line = np.arange(10, dtype=np.float32)[:, None]  # at the ends the third neighbour is 3 away
    near_far = np.array([[4.5], [11.9], [12.1], [-3.1]], dtype=np.float32)
    assert share_near(near_far, line) == 0.5
    assert share_near(line, line) == 1
