from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.aggregate_posterior import EIGENVALUES, Aggregate, against_normal


def test_distances_from_the_standard_normal(rng: np.random.Generator) -> None:
    z = rng.standard_normal((20_000, 5))
    found = against_normal(z, rng)
    assert max(found.axes, found.sliced, found.length) < 0.03
    np.testing.assert_allclose(found.eigenvalues, 1, atol=0.05)
    # Shifted by 1 along each axis: Wasserstein-1 is the shift.
    assert against_normal(z + 1, rng).axes == pytest.approx(1, abs=0.03)
    # Twice as wide: E|2x - x| = E|x| = √(2/π).
    assert against_normal(2 * z, rng).sliced == pytest.approx((2 / np.pi) ** 0.5, abs=0.03)


def test_an_aggregate_is_normal_within_both_bounds() -> None:
    low, high = EIGENVALUES
    inside = Aggregate(np.array([high - 0.01, low + 0.01]), 0.0, 0.05, 0.0)
    assert inside.normal
    assert not inside._replace(axes=0.2).normal
    assert not inside._replace(eigenvalues=np.array([high + 0.01, 1.0])).normal
    assert not inside._replace(eigenvalues=np.array([1.0, low - 0.01])).normal
