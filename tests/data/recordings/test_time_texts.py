import numpy as np

from narrows.data.recordings.recording import TimeAxis
from narrows.data.recordings.time_texts import time_texts


def test_a_named_zone_has_the_offset_of_each_time() -> None:
    times = np.array(["2024-03-31T00:30", "2024-03-31T01:30"], dtype="datetime64[ns]")
    axis = TimeAxis("t", "date", zone="Europe/Berlin")
    assert time_texts(times, axis) == ["2024-03-31 01:30:00+01:00", "2024-03-31 03:30:00+02:00"]


def test_numbers_are_written_as_numbers() -> None:
    assert time_texts(np.array([0.0, 0.1, 12.0]), TimeAxis("t", "number")) == ["0", "0.1", "12"]
