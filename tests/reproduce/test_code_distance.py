from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from narrows.data.schema import Array
from narrows.reproduce.code_distance import SMALL_EFFECT, normal_test, sliced_distance, told_apart


def normal(n: int, rng: np.random.Generator) -> Array:
    return rng.standard_normal((n, 4))


def test_the_sliced_distance_is_that_of_known_cases(rng: np.random.Generator) -> None:
    z = rng.standard_normal((20_000, 5))
    assert sliced_distance(z, rng) < 0.03
    # Twice as wide: E|2x - x| = E|x| = √(2/π) in every direction.
    assert sliced_distance(2 * z, rng) == pytest.approx((2 / np.pi) ** 0.5, abs=0.03)
    # In one dimension a shift moves all by as much.
    assert sliced_distance(z[:, :1] + 1, rng) == pytest.approx(1, abs=0.03)


def test_a_normal_sample_is_beyond_the_bound_by_chance_only(rng: np.random.Generator) -> None:
    tests = [normal_test(normal(300, rng), rng) for _ in range(40)]
    assert np.mean([test.distance > test.by_chance for test in tests]) <= 0.15
    shifted = normal_test(normal(300, rng) + 0.3, rng)
    assert shifted.distance > shifted.by_chance


def test_a_shift_is_told_as_often_as_the_best_test_tells_it(rng: np.random.Generator) -> None:
    assert told_apart(normal(4000, rng), normal, rng) == pytest.approx(0.5, abs=0.04)
    shifted = normal(4000, rng) + np.array([0, 1.0, 0, 0])
    assert told_apart(shifted, normal, rng) == pytest.approx(norm.cdf(1 / 2**0.5), abs=0.04)


def test_a_difference_that_no_moment_shows_is_told(rng: np.random.Generator) -> None:
    signs = np.sign(rng.standard_normal((4000, 4)))
    assert told_apart(0.95 * signs + 0.31 * normal(4000, rng), normal, rng) > 0.8


def test_a_small_effect_is_that_of_a_fifth_of_a_standard_deviation(rng: np.random.Generator) -> None:
    pairs = rng.standard_normal(400_000) + 0.2 > rng.standard_normal(400_000)
    assert pytest.approx(pairs.mean(), abs=0.005) == SMALL_EFFECT
