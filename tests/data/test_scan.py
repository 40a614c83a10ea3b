from __future__ import annotations

import numpy as np
import pytest

from narrows.data.calibration import Axis
from narrows.data.scan import Scan

SCAN = Scan((Axis("Y", 40, 0.5, unit="nm"), Axis("X", 60, 0.5, unit="nm")), (Axis("E", 8),))


def test_values_of_examples_become_a_picture_line_by_line() -> None:
    picture = SCAN.picture(np.arange(len(SCAN)))
    assert picture.shape == (40, 60)
    assert picture[3, 7] == 3 * 60 + 7
    assert SCAN.places()[3 * 60 + 7].tolist() == [3, 7]


def test_groups_are_squares_of_neighbours() -> None:
    picture = SCAN.picture(SCAN.groups())
    side = 4  # 40 · 60 / 100 places each
    assert len(np.unique(picture)) == (40 // side) * (60 // side)
    for number in np.unique(picture):
        y, x = np.nonzero(picture == number)
        assert len(y) == side**2
        assert np.ptp(y) == np.ptp(x) == side - 1


@pytest.mark.parametrize("shape", [(500,), (3, 20, 30), (1, 1), (2, 700)])
def test_other_scans_have_groups_that_cover_them(shape: tuple[int, ...]) -> None:
    scan = Scan(tuple(Axis(letter, size) for letter, size in zip("TYX", shape, strict=False)), SCAN.signal)
    groups = scan.groups()
    assert len(groups) == np.prod(shape)
    assert set(groups) == set(range(groups.max() + 1))
    assert len(set(groups)) <= 500


def test_a_scan_survives_json() -> None:
    assert Scan.from_json(SCAN.to_json()) == SCAN
