from __future__ import annotations

import numpy as np

from narrows.reproduce.generation import fitted_normal
from tests.reproduce.moments import with_moments


def test_draws_of_the_fitted_normal_have_the_moments_of_the_codes(rng: np.random.Generator) -> None:
    codes = with_moments([1, -2], [[2, 0.5], [0.5, 1]])
    draws = fitted_normal(codes, 20_000, rng)
    np.testing.assert_allclose(draws.mean(axis=0), [1, -2], atol=0.05)
    np.testing.assert_allclose(np.cov(draws, rowvar=False), [[2, 0.5], [0.5, 1]], atol=0.06)
