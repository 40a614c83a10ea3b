from __future__ import annotations

import numpy as np
import pytest

from narrows.data.calibration import Axis
from narrows.data.dead_places import dead_places
from narrows.data.scan import Scan

SCAN = Scan((Axis("Y", 6), Axis("X", 5)), (Axis("E", 7),))
CUBE = np.random.default_rng(0).normal(size=(6, 5, 7))


def test_live_scans_are_not_warned_of() -> None:
    assert dead_places(CUBE.reshape(30, 7), SCAN) == ()


def test_dead_lines_and_channels_are_named() -> None:
    cube = CUBE.copy()
    cube[3], cube[:, :, 2] = 0, 0
    lines, channels = dead_places(cube.reshape(30, 7), SCAN)
    assert "1 of 6 lines of the scan hold signals that are constant: 3" in lines
    assert "1 of 7 channels never change: 2" in channels


def test_dead_pixels_of_a_detector_are_named_by_row_and_column() -> None:
    patterns = np.random.default_rng(0).normal(size=(30, 4, 3))
    patterns[:, 1, 2] = np.nan
    patterns[:, 3, 0] = 5
    scan = Scan(SCAN.axes, (Axis("Ky", 4), Axis("Kx", 3)))
    (pixels,) = dead_places(patterns, scan)
    assert "1 of 12 pixels (KyKx) never change: 3, 0" in pixels


def test_a_line_scan_has_dead_places() -> None:
    line = CUBE.reshape(30, 7).copy()
    line[[4, 9]] = 1
    (places,) = dead_places(line, Scan((Axis("X", 30),), SCAN.signal))
    assert places.startswith("2 of 30 lines")


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_scan_without_any_signal_is_left_to_the_check_of_the_training(value: float) -> None:
    assert dead_places(np.full((30, 7), value), SCAN) == ()
