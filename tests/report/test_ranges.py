from __future__ import annotations

import numpy as np

from narrows.report.ranges import at_border, usual_range

RNG = np.random.default_rng(0)


def test_one_wild_value_does_not_stretch_a_range() -> None:
    values = RNG.normal(size=200)
    assert usual_range(np.append(values, [1e6, np.nan, np.inf])) == (values.min(), values.max())
    assert usual_range(values) == (values.min(), values.max())


def test_values_that_are_many_or_not_so_far_belong_to_the_range() -> None:
    cluster = np.append(RNG.normal(size=200), np.full(30, 80.0))
    assert usual_range(cluster)[1] == 80
    skewed = np.append(np.full(60, -1.0), np.linspace(-1, 0, 20))
    assert usual_range(np.append(skewed, -1000.0)) == (-1, 0)
    tail = np.append(np.linspace(0, 1, 200), 1.9)
    assert usual_range(tail) == (0, 1.9)


def test_values_that_are_mostly_the_same_have_the_range_of_all() -> None:
    assert usual_range(np.append(np.zeros(99), 5.0)) == (0, 5)
    assert usual_range(np.array([])) == (0, 1)


def test_a_far_point_is_drawn_at_the_border_and_the_others_where_they_are() -> None:
    plane = np.append(RNG.normal(size=(200, 2)), [[1e4, 0.5]], axis=0)
    shown, far = at_border(plane)
    assert np.flatnonzero(far).tolist() == [200]
    np.testing.assert_array_equal(shown[:200], plane[:200])
    assert plane[:200, 0].max() < shown[200, 0] < 5
    assert shown[200, 1] == 0.5
