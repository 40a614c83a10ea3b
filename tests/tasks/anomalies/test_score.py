"""Which surprises the score consists of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from narrows.tasks.anomalies.score import amounts, largest

RNG = np.random.default_rng(0)

NEIGHBOURS: Any = SimpleNamespace(near=np.array([True, True, False, False]))
NEIGHBOURS.wide = ~NEIGHBOURS.near
ALONE: Any = SimpleNamespace(near=np.ones(1, dtype=np.bool_), wide=np.zeros(1, dtype=np.bool_))


def test_it_is_the_mean_of_the_two_most_surprised_comparisons() -> None:
    found = [np.array([[2.0, 4.0, 0.0, 1.0]]), np.array([[9.0]]), np.array([[1.0]])]
    first, second, third = amounts((NEIGHBOURS, ALONE, ALONE), found)
    np.testing.assert_allclose(first, [[0.5, 1.0, 0.0, 0.0]])
    np.testing.assert_allclose(second, [[4.5]])
    np.testing.assert_allclose(third, [[0.0]])


def test_it_is_the_surprise_of_a_group_where_that_is_larger() -> None:
    found = [np.array([[2.0, 4.0, 5.9, 1.0], [2.0, 4.0, 6.1, 1.0]]), np.array([[9.0], [9.0]])]
    first, second = amounts((NEIGHBOURS, ALONE), found)
    np.testing.assert_allclose(first, [[0.5, 1.0, 0.0, 0.0], [0.0, 0.0, 6.1, 0.0]])
    np.testing.assert_allclose(second, [[4.5], [0.0]])


def test_it_never_falls_when_a_surprise_rises() -> None:
    comparisons = (NEIGHBOURS, ALONE, ALONE)
    found = [RNG.exponential(size=(50, width)) for width in (4, 1, 1)]
    raised = [each + 0.3 * (RNG.random(each.shape) > 0.5) for each in found]
    before, after = (
        np.sum([each.sum(axis=1) for each in amounts(comparisons, x)], axis=0) for x in (found, raised)
    )
    assert (after >= before - 1e-12).all()
    assert (after > before).any()


def test_one_comparison_counts_whole() -> None:
    np.testing.assert_array_equal(largest(np.array([[3.0], [0.0]])), [[1.0], [1.0]])
