from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.reading import INFERRED, Reading
from narrows.data.recordings.recording import Loaded
from narrows.data.recordings.tables import in_table, whole_table
from narrows.data.tables.lines import Line
from narrows.data.tables.text import table_of

WIDE = "t,a,b,on\n0.0,1,10,yes\n0.5,2,,no\n1.0,3,30,no\n1.5,4,40,yes\n"
LONG = "who,k,a,state\nx,0,1,p\ny,0,5,q\nx,1,2,p\ny,1,6,q\nx,2,3,p\n"  # rows of x and y take turns


def read(text: str, how: Reading = INFERRED) -> Loaded | None:
    lines = [Line(f"Line {i + 1} of f.csv", line.split(",")) for i, line in enumerate(text.split())]
    return in_table(table_of("f.csv", lines), "f", how)


def loaded(text: str, how: Reading = INFERRED) -> Loaded:
    found = read(text, how)
    assert found is not None
    return found


def test_columns_are_channels_and_booleans_are_0_and_1() -> None:
    found = loaded(WIDE)
    recording = found.recordings.all[0]
    assert found.recordings.channels == ("a", "b", "on")
    assert found.recordings.axis.name == "t"
    np.testing.assert_array_equal(recording.times, [0, 0.5, 1.0, 1.5])
    np.testing.assert_array_equal(recording.values, [[1, 10, 1], [2, np.nan, 0], [3, 30, 0], [4, 40, 1]])
    assert found.places[0](2) == "Line 4 of f.csv"


def test_columns_are_chosen_or_left_out() -> None:
    assert loaded(WIDE, Reading(columns=("b", "a"))).recordings.channels == ("b", "a")
    assert loaded(WIDE, Reading(drop=("b", "on"))).recordings.channels == ("a",)
    with pytest.raises(InputError, match="no column 'c'"):
        read(WIDE, Reading(drop=("c",)))


def test_the_label_of_each_time_step_is_no_channel() -> None:
    found = loaded(WIDE, Reading(label="on"))
    assert found.recordings.channels == ("a", "b")
    assert found.recordings.all[0].labels is not None
    assert found.recordings.all[0].labels.tolist() == ["yes", "no", "no", "yes"]
    assert found.labels is None


def test_rows_of_an_id_are_a_recording_in_the_order_of_the_file() -> None:
    found = loaded(LONG, Reading(id="who", label="state"))
    x, y = found.recordings
    assert found.recordings.names == ("x", "y")
    assert found.recordings.id_name == "who"
    assert found.recordings.channels == ("a",)
    assert found.recordings.axis.name == "k"
    assert x.values[:, 0].tolist() == [1, 2, 3]
    assert y.values[:, 0].tolist() == [5, 6]
    assert found.labels is not None
    assert found.labels.tolist() == ["p", "q"]
    assert found.places[1](1) == "Line 5 of f.csv"


def test_groups_are_those_of_recordings() -> None:
    found = loaded(LONG, Reading(id="who", groups="state"))
    assert found.groups is not None
    assert found.groups.tolist() == [0, 1]
    with pytest.raises(InputError, match="--groups keeps recordings together"):
        read(WIDE, Reading(groups="on"))


def test_a_row_without_an_id_is_named() -> None:
    with pytest.raises(InputError, match=r"Line 3 of f.csv has no id in 'who'"):
        read("who,t,a\nx,0,1\n,1,1\nx,2,4\n", Reading(id="who"))


def test_words_are_no_channel() -> None:
    with pytest.raises(
        InputError, match=r"'state' of f.csv holds words \(p, q\), .* --drop state, .* --id state"
    ):
        read(LONG, Reading(id="who"))
    with pytest.raises(InputError, match=r"'made' of f.csv holds dates"):
        read("t,made,a\n2024-01-01,2024-02-01,1\n2024-01-02,2024-02-01,2\n2024-01-03,2024-02-02,2\n")


def test_rows_are_sequences_where_columns_are_numbered() -> None:
    rows = "t0,t1,t2\n1,2,4\n2,5,3\n0,1,1\n"
    assert read(rows) is None
    assert loaded(rows, Reading(window=2)).recordings.channels == ("t0", "t1", "t2")
    assert loaded(rows, Reading(time="none")).recordings.lengths.tolist() == [3]
    assert read("id,1,2,3\n1,1,2,4\n2,2,5,3\n3,0,1,1\n", Reading(id="id")) is None
    assert loaded("a,b,c\n1,2,4\n2,5,3\n0,1,1\n").recordings.channels == ("a", "b", "c")


def test_rows_are_sequences_for_a_model_of_such_rows() -> None:
    like = SequenceSchema.of((3,), "float64")
    assert read("a,b,c\n1,2,4\n2,5,3\n", Reading(like=like)) is None


def test_channels_are_those_of_the_model() -> None:
    like = SequenceSchema.of((3, 2), "float64", ("b", "on"))
    found = loaded(WIDE, Reading(kind="sequences", like=like, id="lost"))
    assert found.recordings.channels == ("b", "on")
    np.testing.assert_array_equal(found.recordings.all[0].values[:, 1], [1, 0, 0, 1])


def test_times_are_counted_if_asked_or_if_there_are_none() -> None:
    found = loaded(WIDE, Reading(time="none"))
    assert found.recordings.axis.unit == "step"
    assert found.recordings.channels == ("a", "b", "on")
    assert found.notes[-1] == "Time steps are counted, as --time none asks; t is left out."
    assert "No column of times is found in f.csv" in loaded("a\n1\n5\n2\n").notes[-1]


def test_a_column_without_a_name_may_have_the_times() -> None:
    found = loaded(",a\n2024-01-01,1\n2024-01-02,4\n2024-01-03,2\n")
    assert found.recordings.axis.name == "time"
    assert found.notes == ()
    assert "is not among the values" in loaded(",a\n0,1\n1,4\n2,2\n").notes[0]


def test_a_named_column_of_times() -> None:
    found = loaded("a,b\n1,3\n2,1\n4,2\n", Reading(time="a"))
    assert found.recordings.axis.name == "a"
    assert found.recordings.channels == ("b",)


def test_columns_are_channels_where_that_is_known() -> None:
    rows = "t0,t1,t2\n1,2,4\n2,5,3\n0,1,1\n"
    lines = [Line(f"Line {i + 1} of f.csv", line.split(",")) for i, line in enumerate(rows.split())]
    assert whole_table(table_of("f.csv", lines), "f", INFERRED).recordings.channels == ("t0", "t1", "t2")
