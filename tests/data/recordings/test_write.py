from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.recordings.recording import Recording, Recordings, TimeAxis
from narrows.data.recordings.write import starts, write_recordings

TIMES = np.datetime64("2024-10-26T22:00", "ns") + np.arange(4) * np.timedelta64(1, "h")
VALUES = np.array([[1.5, 2], [3, np.nan], [5, 6], [7, 8]])


def recordings(axis: TimeAxis, *lengths: int) -> Recordings:
    times = TIMES if axis.unit == "date" else np.arange(4) / 2 if axis.unit == "number" else None
    parts = (
        Recording(f"r{i}", VALUES[:n], None if times is None else times[:n]) for i, n in enumerate(lengths)
    )
    return Recordings(tuple(parts), ("a", "b"), axis, "who")


def written(found: Recordings, name: str = "out.csv") -> list[str]:
    write_recordings([each.values for each in found], found, Path(name))
    return Path(name).read_text().splitlines()


def test_a_table_of_one_recording_has_its_times_as_they_came(tmp_path: Path) -> None:
    axis = TimeAxis("when", "date", zone="+02:00", format="%d.%m.%Y %H:%M+02:00")
    assert written(recordings(axis, 2)) == [
        "when,a,b",
        "27.10.2024 00:00+02:00,1.5,2.0",
        "27.10.2024 01:00+02:00,3.0,",
    ]


def test_a_table_of_several_has_their_ids(tmp_path: Path) -> None:
    lines = written(recordings(TimeAxis("t", "number", 0.5), 2, 1))
    assert lines == ["who,t,a,b", "r0,0,1.5,2.0", "r0,0.5,3.0,", "r1,0,1.5,2.0"]
    assert written(recordings(TimeAxis(), 1, 1)) == ["who,a,b", "r0,1.5,2.0", "r1,1.5,2.0"]


def test_a_missing_value_in_a_single_column_is_a_row(tmp_path: Path) -> None:
    one = Recordings((Recording("r", VALUES[:, 1:]),), ("b",))
    assert written(one) == ["b", "2.0", "nan", "6.0", "8.0"]


def test_typed_files_keep_the_time_zone(tmp_path: Path) -> None:
    found = recordings(TimeAxis("when", "date", zone="Europe/Berlin"), 4)
    write_recordings([each.values for each in found], found, Path("out.parquet"))
    frame = pandas.read_parquet("out.parquet")
    assert "Europe/Berlin" in str(frame["when"].dtype)
    assert frame["when"].astype(str).tolist()[0].startswith("2024-10-27 00:00:00+02:00")
    np.testing.assert_array_equal(frame[["a", "b"]].to_numpy(dtype=float), VALUES)


def test_arrays_end_in_nan_or_have_lengths(tmp_path: Path) -> None:
    found = recordings(TimeAxis(), 4, 2)
    values = [each.values for each in found]
    write_recordings(values, found, Path("out.npy"))
    array = np.load("out.npy")
    assert array.shape == (2, 4, 2)
    assert np.isnan(array[1, 2:]).all()
    write_recordings(values, found, Path("out.npz"))
    again = read("out.npz", Reading("sequences"))
    assert again.recordings is not None
    assert again.recordings.lengths.tolist() == [4, 2]
    write_recordings(values[:1], recordings(TimeAxis(), 4), Path("one.npy"))
    assert np.load("one.npy").shape == (4, 2)


def test_other_files_are_refused(tmp_path: Path) -> None:
    found = recordings(TimeAxis(), 4)
    with pytest.raises(InputError, match=r"Recordings cannot be written to 'out.wav'"):
        write_recordings([VALUES], found, Path("out.wav"))


@pytest.mark.parametrize(
    "text", ["2024-01-31 12:{:02d}:00", "31.01.2024 12:{:02d}", "17067024{:02d}", "2024-01-{:02d}T00:00Z"]
)
def test_a_file_that_was_read_and_written_has_the_same_times(tmp_path: Path, text: str) -> None:
    lines = [f"{text.format(n)},{n % 5},{n % 7}" for n in range(10, 31)]
    Path("in.csv").write_text("when,a,b\n" + "\n".join(lines))
    found = read("in.csv", Reading("sequences", window=4))
    assert found.recordings is not None
    assert [line.split(",")[0] for line in written(found.recordings)] == [
        "when",
        *(line.split(",")[0] for line in lines),
    ]


def test_windows_have_the_time_that_they_start_at(tmp_path: Path) -> None:
    lines = [f"01.02.2024 12:{n:02d},{n % 5},{n % 7}" for n in range(10, 50)]
    Path("in.csv").write_text("when,a,b\n" + "\n".join(lines))
    found = read("in.csv", Reading("sequences", window=8, stride=4))
    assert list(starts(found)) == ["when"]
    assert starts(found)["when"].tolist()[:2] == ["01.02.2024 12:10", "01.02.2024 12:14"]
    assert starts(read("in.csv", Reading("table"))) == {}
