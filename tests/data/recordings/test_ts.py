from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import INFERRED
from narrows.data.recordings.ts import read_ts

HEAD = "# About the data\n@problemName Two\n@timeStamps false\n@univariate false\n@equalLength false\n"


def write(text: str, head: str = HEAD + "@classLabel true a b\n") -> Path:
    file = Path("two.ts")
    file.write_text(f"{head}@data\n{text}")
    return file


def test_series_of_different_length_with_channels_and_labels(tmp_path: Path) -> None:
    found = read_ts(write("1,2,3:4,5,6:a\n\n7,?:8,NaN:b\n"))
    assert found.recordings.lengths.tolist() == [3, 2]
    assert found.recordings.channels == ("channel 0", "channel 1")
    np.testing.assert_array_equal(found.recordings.all[0].values, [[1, 4], [2, 5], [3, 6]])
    np.testing.assert_array_equal(found.recordings.all[1].values, [[7, 8], [np.nan, np.nan]])
    assert found.labels is not None
    assert found.labels.tolist() == ["a", "b"]


def test_series_without_labels_and_with_numbers_for_labels(tmp_path: Path) -> None:
    assert read_ts(write("1,2:3,4\n", HEAD + "@classLabel false\n")).labels is None
    labels = read_ts(write("1,2:0.5\n3,4:-1\n", "@targetLabel true\n")).labels
    assert labels is not None
    assert labels.tolist() == [0.5, -1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,2:3,4,5:a\n", "Line 8 of two.ts has channels of 2 and of 3 values"),
        ("1,2:3,x:a\n", "Line 8 of two.ts has 'x' among its values"),
        ("1,2:3,4:a\n1,2:b\n", r"Series 1 \(counted from 0\) of two.ts has 1 channels, but the first has 2"),
        (
            "(2007-01-01 00:00:00,1),(2007-01-01 00:01:00,2):a\n",
            "Line 8 of two.ts has time stamps in parentheses",
        ),
        ("1,2,3\n", "Line 8 of two.ts has no label behind a colon"),
        ("", "two.ts holds no series below @data"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_ts(write(text))


def test_the_number_of_channels_in_the_header_must_fit(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has 1 channels, but the header says 3"):
        read_ts(write("1,2\n", "@dimensions 3\n"))


def test_other_files_are_refused(tmp_path: Path) -> None:
    Path("code.ts").write_text("const a = 1;\n")
    with pytest.raises(InputError, match="a line @data in front of the values is missing"):
        read_ts(Path("code.ts"))


def test_the_file_is_read_as_sequences_without_being_told(tmp_path: Path) -> None:
    write("1,2,3:4,5,6:a\n7,8:8,9:b\n")
    found = read("two.ts", INFERRED)
    assert found.schema.kind == "sequences"
    assert found.array.shape == (2, 3, 2)
    assert found.labels is not None
