from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.recordings.recording import Loaded, Recording, Recordings, TimeAxis
from narrows.data.recordings.timing import timed

AXIS = TimeAxis("t", "date", zone="UTC")


def loaded(*seconds: Sequence[float]) -> Loaded:
    start = np.datetime64("2024-03-01", "ns")
    times = [start + (np.array(each) * 1e9).astype("timedelta64[ns]") for each in seconds]
    parts = tuple(Recording(f"r{i}", np.ones((len(t), 2)), t) for i, t in enumerate(times))
    places = tuple((lambda row, i=i: f"Line {row + 2} of r{i}.csv") for i in range(len(parts)))
    return Loaded(Recordings(parts, ("a", "b"), AXIS), "set", places=places)


def test_the_usual_step_is_found_and_said() -> None:
    found = timed(loaded(range(0, 600, 60), range(0, 300, 60)), None)
    assert found.recordings.axis.step == 60
    assert found.notes == ("The times are the dates in 't', in the time zone UTC, usually 1min apart.",)


def test_gaps_are_filled_and_said() -> None:
    found = timed(loaded([*range(0, 600, 60), *range(1200, 1500, 60)]), None)
    assert found.recordings.lengths.tolist() == [25]
    wanted = "Gaps in the times: 1, with 10 time steps, whose values are missing; the longest is from "
    assert found.notes[1] == f"{wanted}2024-03-01 00:09:00+00:00 to 2024-03-01 00:20:00+00:00."


def test_irregular_times_keep_their_rows() -> None:
    steps = np.random.default_rng(0).exponential(60, 100)
    found = timed(loaded(np.cumsum(steps).tolist()), None)
    assert found.recordings.lengths.tolist() == [100]
    assert "The times are irregular in r0" in found.warnings[0]


def test_gaps_far_longer_than_the_rows_are_left() -> None:
    found = timed(loaded([*range(0, 1200, 60), *range(10**6, 10**6 + 1200, 60)]), None)
    assert found.recordings.lengths.tolist() == [40]
    assert "are skipped; name the pieces in a column" in found.warnings[0]


def test_recordings_of_several_rates_are_refused_or_resampled() -> None:
    two = loaded(range(0, 600, 60), range(0, 600, 30))
    with pytest.raises(InputError, match=r"r0 has a step of 1min, but r1 one of 30s; .* --every 1min"):
        timed(two, None)
    found = timed(two, "1min")
    assert found.recordings.lengths.tolist() == [10, 10]
    assert found.recordings.axis.step == 60
    assert found.notes[-1] == "Resampled to a step of 1min."


def test_irregular_recordings_may_have_several_rates() -> None:
    random = np.random.default_rng(0)
    steps = [np.cumsum(random.exponential(scale, 60)).tolist() for scale in (60, 600)]
    assert "The times are irregular in r0, r1" in timed(loaded(*steps), None).warnings[0]


def test_times_twice_are_averaged_when_they_are_resampled() -> None:
    twice = loaded([0, 60, 60, 120])
    with pytest.raises(InputError, match=r"Line 4 of r0.csv"):
        timed(twice, None)
    assert timed(twice, "1min").recordings.lengths.tolist() == [3]


def test_steps_without_times_cannot_be_resampled() -> None:
    plain = loaded(range(3))
    plain = plain._replace(recordings=Recordings(plain.recordings.all, ("a", "b")))
    assert timed(plain, None) is plain
    with pytest.raises(InputError, match="name their column with --time"):
        timed(plain, "1min")
