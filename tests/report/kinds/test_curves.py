from __future__ import annotations

import numpy as np

from narrows.report.kinds.curves import BINS, drawn_steps, path


def test_a_line_has_a_gap_where_values_are_missing_and_a_dot_for_a_single_one() -> None:
    drawn = path(np.array([0.0, 1.0, np.nan, 1.0, np.nan]), 0.0, 1.0, top=0, height=20)
    assert (drawn.count("M"), drawn.count("L"), drawn.count("h0")) == (2, 1, 1)
    assert drawn.endswith("h0")


def test_a_line_ends_where_its_sequence_ends() -> None:
    values = np.r_[np.arange(30.0), np.full(10, np.nan)]
    places = [float(part.split(" ")[0]) for part in path(values, 0, 30, top=0, height=9)[1:].split("L")]
    assert max(places) == round(1 + 118 * 29 / 39, 1)


def test_a_long_line_keeps_its_peaks() -> None:
    line = np.zeros(100_000)
    line[[123, 77_777]] = 1.0, -1.0
    steps = drawn_steps(line)
    assert {0, 123, 77_777, 99_999} <= {*steps.tolist()}
    assert len(steps) <= 2 * BINS + 2


def test_a_long_line_keeps_its_peaks_beside_missing_values_and_its_gaps() -> None:
    line = np.zeros(1000)
    line[[7, 500]] = 1.0, -1.0
    line[[0, 8, 499, 999]] = np.nan
    line[600:700] = np.nan
    steps = drawn_steps(line)
    assert {7, 500} <= {*steps.tolist()}
    assert np.isnan(line[steps[(steps >= 600) & (steps < 700)]]).all()
    assert ((steps > 610) & (steps < 690)).any()
