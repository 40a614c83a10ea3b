from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.readers import read
from narrows.data.reading import INFERRED, Reading
from narrows.data.recordings.arrays import cut_to, in_array, mapped, stacked
from narrows.data.recordings.recording import Loaded
from narrows.data.sources import InMemory
from narrows.data.sources.mapped import Mapped
from narrows.data.sources.npy import read_header
from narrows.data.sources.on_disk import OnDisk
from narrows.data.stored import Stored

VALUES = np.random.default_rng(0).random((3, 5, 2))
WINDOWS = Reading("sequences", window=2)


def found(values: np.ndarray, how: Reading = INFERRED, lengths: object = None) -> Loaded | None:
    return in_array(InMemory(values), "x", how, None if lengths is None else np.array(lengths))


@pytest.mark.parametrize(
    ("values", "how", "shapes"),
    [
        (VALUES[0, :, 0], INFERRED, [(5, 1)]),
        (VALUES[0], WINDOWS, [(5, 2)]),
        (VALUES, WINDOWS, [(5, 2)] * 3),
    ],
)
def test_an_array_is_one_recording_or_several(
    values: np.ndarray, how: Reading, shapes: list[tuple[int, int]]
) -> None:
    read = found(values, how)
    assert read is not None
    assert [each.values.shape for each in read.recordings] == shapes


def test_sequences_of_one_length_are_no_recordings_to_cut() -> None:
    assert found(VALUES) is None
    assert found(VALUES[0]) is None
    assert found(VALUES[0], Reading(window=2, like=SequenceSchema.of((2,), "float64"))) is None


def test_lengths_cut_what_is_padded() -> None:
    read = found(VALUES, lengths=[5, 2, 3])
    assert read is not None
    assert read.recordings.lengths.tolist() == [5, 2, 3]
    np.testing.assert_array_equal(read.recordings.all[1].values, VALUES[1, :2])
    assert [each.shape for each in cut_to(VALUES[..., 0], np.array([5, 2, 3]), "x")] == [
        (5, 1),
        (2, 1),
        (3, 1),
    ]


def test_lengths_split_what_is_joined() -> None:
    joined = VALUES.reshape(15, 2)
    pieces = cut_to(joined, np.array([7, 8]), "x")
    np.testing.assert_array_equal(np.concatenate(pieces), joined)
    assert [len(each) for each in pieces] == [7, 8]


@pytest.mark.parametrize(
    ("lengths", "sentence"),
    [
        ([5, 6, 3], r"The length 6 of sequence 1 \(counted from 0\) of x does not fit: it has 5 time steps"),
        ([5, 0, 3], "The length 0 of sequence 1"),
        ([5, 3], "The lengths in x do not fit: there are 2, with 8 time steps, but the values are 3x5x2"),
        ([1.5, 2, 3], "wanted is one whole number for each sequence"),
    ],
)
def test_lengths_that_do_not_fit(lengths: list[float], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        found(VALUES, lengths=lengths)


def test_options_of_times_are_refused() -> None:
    for how in (Reading(every="1s"), Reading(time="t")):
        with pytest.raises(InputError, match="needs times, but x is an array"):
            found(VALUES, how)


def test_lists_of_arrays() -> None:
    assert [each.shape for each in stacked([VALUES[0], VALUES[1, :3]], "X")] == [(5, 2), (3, 2)]
    assert stacked([[1, 2, 3]], "X")[0].shape == (3, 1)
    with pytest.raises(InputError, match="Recording 1 of X has 1 channels, but the first has 2"):
        stacked([VALUES[0], VALUES[1, :, 0]], "X")
    with pytest.raises(InputError, match="Recording 0 of X has the shape 3x5x2"):
        stacked([VALUES], "X")


def test_large_files_stay_on_disk(tmp_path: Path) -> None:
    np.save("a.npy", VALUES)
    header = read_header(Path("a.npy"))
    values = mapped(OnDisk(Stored(Mapped(Path("a.npy"), header.shape, header.dtype, header.offset), "a")))
    assert isinstance(values, np.memmap)
    np.testing.assert_array_equal(values, VALUES)


def test_files_of_arrays(tmp_path: Path) -> None:
    np.savez("a.npz", X=VALUES, lengths=[5, 2, 3], y=[0, 1, 0])
    padded = read("a.npz", Reading("sequences"))
    assert padded.array.shape == (3, 5, 2)
    assert np.isnan(padded.array).all(axis=(0, 2)).sum() == 0
    assert np.isnan(padded.array[1]).all(axis=1).tolist() == [False, False, True, True, True]
    assert padded.labels is not None
    np.savez("b.npz", values=VALUES.reshape(15, 2), lengths=[7, 8])
    assert read("b.npz", Reading("sequences")).array.shape == (2, 8, 2)
    np.save("c.npy", VALUES[0])
    assert read("c.npy", Reading("sequences", window=2, stride=1)).array.shape == (4, 2, 2)
    assert read("c.npy", Reading("sequences")).array.shape == (5, 2)
    np.save("d.npy", np.sin(np.arange(400) / 5))
    assert read("d.npy", Reading("sequences", window=40)).schema.shape == (40, 1)
