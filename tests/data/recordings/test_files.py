from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.recordings.files import recordings_in
from narrows.data.recordings.recording import Loaded

HOW = Reading("sequences")


def write(name: str, rows: int = 4, columns: str = "a,b", extra: str = "") -> None:
    file = Path(name)
    file.parent.mkdir(exist_ok=True)
    lines = (f"{k / 2},{k + 1},{(k * k) % 5}{extra}" for k in range(rows))
    file.write_text(f"t,{columns}\n" + "\n".join(lines))


def found(source: str, how: Reading = HOW) -> Loaded:
    loaded = recordings_in(source, how)
    assert loaded is not None
    return loaded


def test_each_file_of_a_folder_is_a_recording_in_natural_order(tmp_path: Path) -> None:
    for n in (10, 2, 1):
        write(f"logs/r{n}.csv", n + 3)
    Path("logs/notes.txt").write_text("nothing")
    Path("logs/.hidden.csv").write_text("nothing")
    loaded = found("logs")
    assert loaded.name == "logs"
    assert loaded.recordings.names == ("r1", "r2", "r10")
    assert loaded.recordings.lengths.tolist() == [4, 5, 13]
    assert loaded.notes[0] == "3 files, in natural order: r1.csv, r2.csv, r10.csv."
    assert "Left out of logs: 1 file (notes.txt)" in loaded.notes[-1]
    assert found("logs/r1*.csv").recordings.names == ("r1", "r10")
    data = read("logs", HOW)
    assert data.array.shape == (3, 13, 2)
    assert data.ids == ("r1", "r2", "r10")


def test_the_folders_of_files_are_labels(tmp_path: Path) -> None:
    Path("set").mkdir()
    for name in ("set/walk/1.csv", "set/run/1.csv", "set/run/2.csv"):
        write(name)
    loaded = found("set")
    assert loaded.recordings.names == ("run/1", "run/2", "walk/1")
    assert loaded.labels is not None
    assert loaded.labels.tolist() == ["run", "run", "walk"]
    groups = found("set", Reading("sequences", groups="/(.)")).groups
    assert groups is not None
    assert groups.tolist() == [0, 1, 0]


def test_a_channel_that_is_missing_in_a_file_is_named(tmp_path: Path) -> None:
    write("logs/1.csv")
    write("logs/2.csv", columns="a,b,c", extra=",1")
    with pytest.raises(InputError, match=r"1.csv has no channel 'c', which 2.csv has; .* --drop c"):
        found("logs")
    assert found("logs", Reading("sequences", drop=("c",))).recordings.channels == ("a", "b")
    with pytest.raises(InputError, match="no column 'd'"):
        found("logs", Reading("sequences", drop=("d",)))


def test_channels_have_one_order(tmp_path: Path) -> None:
    write("logs/1.csv")
    write("logs/2.csv", columns="b,a")
    first, second = found("logs").recordings
    np.testing.assert_array_equal(first.values, second.values[:, ::-1])


def test_files_with_several_recordings(tmp_path: Path) -> None:
    for n in (1, 2):
        Path(f"{n}.csv").write_text("who,t,a\nx,0,1\nx,1,2\ny,0,5\ny,1,6\n")
    loaded = found("*.csv", Reading("sequences", id="who"))
    assert loaded.recordings.names == ("1:x", "1:y", "2:x", "2:y")


def test_arrays_and_sound(tmp_path: Path) -> None:
    Path("arrays").mkdir()
    np.save("arrays/1.npy", np.arange(5.0))
    np.save("arrays/2.npy", np.arange(3.0)[:, None])
    assert found("arrays").recordings.lengths.tolist() == [5, 3]
    np.save("arrays/3.npy", np.zeros((2, 3, 4)))
    with pytest.raises(InputError, match=r"3.npy is 2x3x4, but a file of a folder is one recording"):
        found("arrays")
    with pytest.raises(InputError, match=r"--id names a column of a table's file, but .npy files have none"):
        found("arrays", Reading("sequences", id="who"))
    Path("sounds").mkdir()
    for n, rate in ((1, 100), (2, 200)):
        wavfile.write(f"sounds/{n}.wav", rate, np.arange(50, dtype=np.int16) * n)
    with pytest.raises(
        InputError, match=r"The sampling rates differ: 1 has a step of 0.01, but 2 one of 0.005"
    ):
        read("sounds", HOW)
    assert read("sounds", Reading("sequences", every="0.01")).array.shape == (2, 50, 1)


def test_times_are_of_one_kind(tmp_path: Path) -> None:
    write("logs/1.csv")
    Path("logs/2.csv").write_text("t,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n")
    with pytest.raises(InputError, match=r"The times of 1.csv are numbers, but those of 2.csv are dates"):
        found("logs")


def test_other_sources_are_no_folders_of_recordings(tmp_path: Path) -> None:
    write("logs/1.csv")
    Path("empty").mkdir()
    for source in ("logs/1.csv", "empty", "digits", "*.csv"):
        assert recordings_in(source, HOW) is None
