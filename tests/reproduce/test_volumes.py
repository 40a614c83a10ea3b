from __future__ import annotations

from math import pi

import numpy as np
import pytest

from narrows.reproduce.volumes import (
    DRAWN,
    deviation,
    largest_deviation,
    monte_carlo,
    points_needed,
    ratio,
    share_near,
)


@pytest.mark.parametrize(
    ("d", "known"), [(1, 1), (2, pi / 4), (3, pi / 6), (4, pi**2 / 32), (10, pi**5 / 122880)]
)
def test_the_sphere_in_the_cube(d: int, known: float) -> None:
    assert ratio(d) == pytest.approx(known)


@pytest.mark.parametrize("d", [2, 3, 6])
def test_drawn_points_agree_with_the_formula(d: int) -> None:
    n = 50_000
    share = monte_carlo(d, n, np.random.default_rng(0))
    assert abs(share - ratio(d)) < 4 * deviation(ratio(d), n)


def test_the_points_needed_give_half_of_all_places_a_neighbour() -> None:
    assert points_needed(1) == pytest.approx(np.log(2) / 0.2)
    assert points_needed(2) == pytest.approx(np.log(2) / (pi * 0.01))
    assert share_near(3, np.random.default_rng(0)) == pytest.approx(0.5, abs=0.05)


def test_shares_agree_within_four_standard_deviations() -> None:
    off = deviation(ratio(3), DRAWN)
    assert largest_deviation({2: ratio(2), 3: ratio(3) - 3.9 * off}) == pytest.approx(3.9)
