from __future__ import annotations

import numpy as np
import pandas
import polars
import pytest

from narrows.core.errors import InputError
from narrows.data.reading import INFERRED, Reading
from narrows.data.recordings.examples import from_loaded
from narrows.data.recordings.objects import recordings_of
from narrows.data.recordings.recording import Loaded

VALUES = np.random.default_rng(0).random((6, 2))


def found(X: object, how: Reading = INFERRED) -> Loaded:
    loaded = recordings_of(X, how)
    assert loaded is not None
    return loaded


def frame(start: str = "2024-10-27", rows: int = 6, zone: str | None = "Europe/Berlin") -> pandas.DataFrame:
    times = pandas.date_range(start, periods=rows, freq="h", tz=zone)
    return pandas.DataFrame(VALUES[:rows], index=times, columns=["a", "b"])


def test_a_frame_with_an_index_of_times() -> None:
    loaded = found(frame())
    assert loaded.recordings.channels == ("a", "b")
    assert loaded.recordings.axis.zone == "Europe/Berlin"
    times = loaded.recordings.all[0].times
    assert times is not None
    assert set(np.diff(times)) == {np.timedelta64(1, "h")}
    np.testing.assert_array_equal(loaded.recordings.all[0].values, VALUES)


def test_frames_of_pandas_and_polars_with_a_column_of_times() -> None:
    with_column = frame(zone=None).reset_index(names="when")
    for each in (with_column, polars.from_pandas(with_column)):
        loaded = found(each)
        assert loaded.recordings.axis.name == "when"
        assert loaded.recordings.channels == ("a", "b")


def test_a_series() -> None:
    loaded = found(frame()["a"])
    assert loaded.recordings.channels == ("a",)


def test_an_index_of_ids_and_times() -> None:
    long = pandas.concat({"x": frame(), "y": frame(rows=4)}, names=["who", "when"])
    loaded = found(long, Reading(id="who"))
    assert loaded.recordings.names == ("x", "y")
    assert loaded.recordings.lengths.tolist() == [6, 4]


def test_lists_of_arrays_and_of_frames() -> None:
    assert found([VALUES, VALUES[:3]]).recordings.lengths.tolist() == [6, 3]
    assert found([VALUES[:, 0], VALUES[:3, 0]]).recordings.channels == ("channel 0",)
    loaded = found([frame(), frame(rows=4)])
    assert loaded.recordings.names == ("X[0]", "X[1]")
    assert from_loaded(loaded, INFERRED).array.shape == (2, 6, 2)
    with pytest.raises(InputError, match=r"X\[1\] has no channel 'b', which X\[0\] has"):
        found([frame(), frame()[["a"]]])


def test_arrays_with_a_window_or_one_axis() -> None:
    assert found(VALUES[:, 0]).recordings.lengths.tolist() == [6]
    assert found(VALUES, Reading(window=2)).recordings.lengths.tolist() == [6]
    assert recordings_of(VALUES) is None
    assert recordings_of(VALUES[None]) is None


def test_columns_of_time_steps_are_sequences_of_one_length() -> None:
    assert recordings_of(pandas.DataFrame(np.zeros((5, 4)))) is None
