"""Which surprises the score consists of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.tasks.anomalies.comparisons import Comparisons
from narrows.tasks.anomalies.score import amounts, largest

RNG = np.random.default_rng(0)

NEIGHBOURS: Any = SimpleNamespace(near=np.array([True, True, False, False]))
NEIGHBOURS.wide = ~NEIGHBOURS.near
ALONE: Any = SimpleNamespace(near=np.ones(1, dtype=np.bool_), wide=np.zeros(1, dtype=np.bool_))


def table(*comparisons: Any) -> Comparisons:
    return Comparisons(comparisons[0], comparisons, groups_decide=True)


def test_it_is_the_mean_of_the_two_most_surprised_comparisons() -> None:
    found = [np.array([[2.0, 4.0, 0.0, 1.0]]), np.array([[9.0]]), np.array([[1.0]])]
    first, second, third = amounts(table(NEIGHBOURS, ALONE, ALONE), found)
    np.testing.assert_allclose(first, [[0.5, 1.0, 0.0, 0.0]])
    np.testing.assert_allclose(second, [[4.5]])
    np.testing.assert_allclose(third, [[0.0]])


def test_it_is_the_surprise_of_a_group_where_that_is_larger() -> None:
    found = [np.array([[2.0, 4.0, 5.9, 1.0], [2.0, 4.0, 6.1, 1.0]]), np.array([[9.0], [9.0]])]
    first, second = amounts(table(NEIGHBOURS, ALONE), found)
    np.testing.assert_allclose(first, [[0.5, 1.0, 0.0, 0.0], [0.0, 0.0, 6.1, 0.0]])
    np.testing.assert_allclose(second, [[4.5], [0.0]])


def test_of_images_a_group_is_one_comparison_more() -> None:
    found = [np.array([[2.0, 4.0, 5.0, 1.0], [2.0, 4.0, 1.0, 1.0]]), np.array([[9.0], [9.0]])]
    first, second = amounts(Comparisons(NEIGHBOURS, (NEIGHBOURS, ALONE), groups_decide=False), found)
    np.testing.assert_allclose(first, [[0.0, 0.0, 2.5, 0.0], [0.5, 1.0, 0.0, 0.0]])
    np.testing.assert_allclose(second, [[4.5], [4.5]])


@pytest.mark.parametrize("decide", [True, False])
def test_it_never_falls_when_a_surprise_rises(decide: bool) -> None:
    comparisons = Comparisons(NEIGHBOURS, (NEIGHBOURS, ALONE, ALONE), decide)
    found = [RNG.exponential(size=(50, width)) for width in (4, 1, 1)]
    raised = [each + 0.3 * (RNG.random(each.shape) > 0.5) for each in found]
    before, after = (
        np.sum([each.sum(axis=1) for each in amounts(comparisons, x)], axis=0) for x in (found, raised)
    )
    assert (after >= before - 1e-12).all()
    assert (after > before).any()


def test_one_comparison_counts_whole() -> None:
    np.testing.assert_array_equal(largest(np.array([[3.0], [0.0]])), [[1.0], [1.0]])
