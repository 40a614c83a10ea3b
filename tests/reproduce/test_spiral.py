from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.spiral import SHARES, Arrows, angles, arrow_caption, nearest_on, on_spiral


def test_the_spiral_begins_and_ends_where_it_should() -> None:
    assert on_spiral(np.array([0.0, 1.0])) == pytest.approx(np.array([[0.3, 0], [-1.3, 0]]))
    assert angles(np.array([0.0, 1.0])) == pytest.approx([0, 3 * np.pi])


def test_the_nearest_point_of_the_spiral_lies_on_the_nearest_arm() -> None:
    curve = on_spiral(SHARES)
    beside = 1.02 * curve[[100, 900, 1900]]
    assert np.abs(nearest_on(curve, beside) - [100, 900, 1900]).max() < 10


def test_the_caption_says_where_the_arrows_lead() -> None:
    starts = np.array([[1.0, 0.0], [0.0, 1.0]])
    led = Arrows(starts, 0.5 * starts, 0 * starts, np.array([True, False]))
    caption = arrow_caption(led)
    assert "2 arrows 50.0" in caption
    assert "start 1 away on average and end 0.5 away" in caption
