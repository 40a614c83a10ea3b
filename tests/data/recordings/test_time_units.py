from __future__ import annotations

import pytest

from narrows.data.recordings.recording import TimeAxis
from narrows.data.recordings.time_units import durations


@pytest.mark.parametrize(
    ("axis", "steps", "shown", "sentence"),
    [
        (TimeAxis("when", "date", 3600.0), 48, "48 h", "The axis is time, from 0 to 47 h."),
        (TimeAxis("when", "date", 900.0), 672, "7 d", "The axis is time, from 0 to 6.98958 d."),
        (TimeAxis("when", "date", 60.0), 90, "90 min", "The axis is time, from 0 to 89 min."),
        (TimeAxis("seconds", "number", 1 / 8000), 400, "50 ms", "The axis is time, from 0 to 49.875 ms."),
        (TimeAxis("depth", "number", 0.5), 9, "4.5", "The axis is depth, from 0 to 4."),
        (TimeAxis(), 30, "30", "The axis is the time step, from 0 to 29."),
    ],
)
def test_durations_have_a_unit_that_suits_them(axis: TimeAxis, steps: int, shown: str, sentence: str) -> None:
    found = durations(axis, steps)
    assert (found.show(steps), found.sentence(steps)) == (shown, sentence)
