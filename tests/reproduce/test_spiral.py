from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.spiral import on_spiral


def test_the_spiral_begins_and_ends_where_it_should() -> None:
    assert on_spiral(np.array([0.0, 1.0])) == pytest.approx(np.array([[0.3, 0], [-1.3, 0]]))
