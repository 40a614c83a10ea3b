from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.reading import INFERRED
from narrows.data.recordings.merged import MOST_NOTES, merged
from narrows.data.recordings.recording import Loaded, Recording, Recordings, TimeAxis

PLAIN = TimeAxis()


def one(channels: str = "ab", axis: TimeAxis = PLAIN, note: str = "same", label: int = 0) -> Loaded:
    values = np.arange(3.0 * len(channels)).reshape(3, -1)
    each = Recording("r", values, labels=np.full(3, label))
    return Loaded(Recordings((each,), tuple(channels), axis), "r", (note,), places=(str,))


def test_zones_that_differ_become_utc() -> None:
    berlin, utc = (
        TimeAxis("t", "date", zone="+01:00", format="%Y"),
        TimeAxis("t", "date", zone="UTC", format="%Y"),
    )
    assert (
        merged({"a.csv": one(axis=berlin), "b.csv": one(axis=berlin)}, "set", INFERRED).recordings.axis
        == berlin
    )
    axis = merged({"a.csv": one(axis=berlin), "b.csv": one(axis=utc)}, "set", INFERRED).recordings.axis
    assert (axis.zone, axis.format) == ("UTC", "")


def test_labels_of_recordings_are_those_of_all_their_steps() -> None:
    labels = merged({"a.csv": one(label=1), "b.csv": one(label=2)}, "set", INFERRED).labels
    assert labels is not None
    assert labels.tolist() == [1, 2]


def test_equal_sentences_are_said_once_and_many_are_left_out() -> None:
    files = {f"{n}.csv": one() for n in range(9)}
    assert merged(files, "set", INFERRED).notes[1:] == ("same",)
    files = {f"{n}.csv": one(note=str(n)) for n in range(9)}
    notes = merged(files, "set", INFERRED).notes[1:]
    assert len(notes) == MOST_NOTES + 1
    assert notes[-1] == "4 sentences about other files are left out."


def test_a_missing_channel_of_any_file_is_found() -> None:
    with pytest.raises(InputError, match=r"b.csv has no channel 'b', which a.csv has"):
        merged({"a.csv": one("ab"), "b.csv": one("a")}, "set", INFERRED)
