from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.recordings.wav import read_wav

WAVE = np.sin(np.arange(800) / 7)


@pytest.mark.parametrize("dtype", ["int16", "int32", "float32", "uint8"])
def test_samples_are_read_as_they_are_stored(tmp_path: Path, dtype: str) -> None:
    scale = {"int16": 3e4, "int32": 2e9, "float32": 1.0, "uint8": 100.0}[dtype]
    samples = (WAVE * scale + (128 if dtype == "uint8" else 0)).astype(dtype)
    wavfile.write("a.wav", 8000, samples)
    found = read_wav(Path("a.wav"))
    recording = found.recordings.all[0]
    assert recording.values.dtype == dtype
    np.testing.assert_array_equal(recording.values[:, 0], samples)
    assert found.recordings.channels == ("amplitude",)
    assert found.recordings.axis.step == 1 / 8000
    assert recording.times is not None
    assert recording.times[8] == 0.001


def test_channels_are_named(tmp_path: Path) -> None:
    for n, names in ((2, ("left", "right")), (3, ("channel 0", "channel 1", "channel 2"))):
        wavfile.write("a.wav", 100, np.zeros((10, n), dtype=np.int16))
        assert read_wav(Path("a.wav")).recordings.channels == names


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    wavfile.write("a.wav", 8000, WAVE)
    Path("a.wav").write_bytes(Path("a.wav").read_bytes()[:-100])
    with pytest.raises(
        InputError, match=r"a.wav is cut short: its header promises 6,400 bytes .* holds 6,300"
    ):
        read_wav(Path("a.wav"))


def test_a_file_without_samples_or_rate_is_refused(tmp_path: Path) -> None:
    wavfile.write("a.wav", 8000, np.zeros(0, dtype=np.int16))
    with pytest.raises(InputError, match=r"a.wav holds no samples"):
        read_wav(Path("a.wav"))
    wavfile.write("a.wav", 0, np.zeros(9, dtype=np.int16))
    with pytest.raises(InputError, match=r"a.wav holds no sampling rate"):
        read_wav(Path("a.wav"))


def test_other_files_are_refused(tmp_path: Path) -> None:
    Path("a.wav").write_bytes(b"no sound at all" * 10)
    with pytest.raises(InputError, match=r"a.wav cannot be read as WAV"):
        read_wav(Path("a.wav"))


def test_a_file_is_read_as_sequences_without_being_told(tmp_path: Path) -> None:
    wavfile.write("a.wav", 8000, (WAVE * 3e4).astype(np.int16))
    found = read("a.wav", Reading(window=80, stride=80))
    assert found.schema.kind == "sequences"
    assert found.schema.shape == (80, 1)
    assert found.schema.dtype == "int16"
    assert any("800 samples of a.wav, 8,000 in a second" in note for note in found.notes)
