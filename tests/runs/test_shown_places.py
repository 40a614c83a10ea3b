from __future__ import annotations

import numpy as np
import pytest

from narrows.data.calibration import Axis
from narrows.data.scan import Scan
from narrows.runs import shown_places
from narrows.runs.shown_places import ShownPlaces

SCAN = Scan((Axis("Y", 6), Axis("X", 8)), (Axis("E", 5),))
NONE = np.zeros(0, dtype=np.int64)
CODES = np.arange(96, dtype=np.float64).reshape(48, 2)


def test_all_places_of_a_small_scan_are_shown() -> None:
    shown = ShownPlaces.draw(SCAN, CODES, np.array([0, 47, -1]))
    assert shown.shape.tolist() == [6, 8]
    assert shown.codes.tolist() == CODES.tolist()
    assert shown.held_out.tolist() == [0, 47, -1]


def test_every_second_line_and_column_of_a_larger_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_places, "MOST_PLACES", 12)
    shown = ShownPlaces.draw(SCAN, CODES, np.array([2, 3, 16, 47]))
    assert shown.shape.tolist() == [3, 4]
    assert shown.numbers[:5].tolist() == [0, 2, 4, 6, 16]
    assert shown.held_out.tolist() == [1, -1, 4, -1]


def test_the_first_picture_of_a_series_and_a_line() -> None:
    series = Scan((Axis("T", 2), Axis("Y", 4), Axis("X", 6)), SCAN.signal)
    assert ShownPlaces.draw(series, CODES, NONE).numbers.tolist() == list(range(24))
    assert ShownPlaces.draw(Scan((Axis("X", 48),), SCAN.signal), CODES, NONE).shape.tolist() == [1, 48]
