from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.recordings.recording import Recording, Recordings
from narrows.data.recordings.windows import Windows, averaged, cut_recordings, time_groups


def recordings(*lengths: int, channels: int = 2) -> Recordings:
    rng = np.random.default_rng(0)
    made = (Recording(f"r{i}", rng.normal(size=(n, channels))) for i, n in enumerate(lengths))
    return Recordings(tuple(made), tuple("abc"[:channels]))


def test_windows_cover_recordings_and_join_to_them() -> None:
    found = recordings(50, 23)
    source, patches = cut_recordings(found, 10, 3)
    assert source.shape == (15 + 6, 10, 2)  # 0, 3, … 39 and 40; 0, 3, … 12 and 13
    assert patches.ids[:2] == ("r0[0]", "r0[3]")
    for each, again in zip(found, averaged(source.all(), patches), strict=True):
        np.testing.assert_allclose(again, each.values, rtol=1e-12)


def test_windows_that_are_cut_when_asked_for_are_the_same() -> None:
    found = recordings(50, 23)
    source, patches = cut_recordings(found, 10, 3)
    lazy = Windows([each.values for each in found], patches, 10)
    np.testing.assert_array_equal(lazy.all(), source.all())
    np.testing.assert_array_equal(lazy.take(np.array([7, 2])), source.take(np.array([7, 2])))
    assert sum(map(len, lazy.blocks())) == len(lazy)


def test_the_mean_counts_every_window_of_a_step() -> None:
    _, patches = cut_recordings(recordings(6), 4, 2)
    (found,) = averaged(np.array([[1.0] * 4, [3.0] * 4]), patches)
    assert found.tolist() == [1, 1, 2, 2, 3, 3]
    (found,) = averaged(np.array([[1.0, np.nan, np.nan, 1], [3, 3, np.nan, np.nan]]), patches)
    np.testing.assert_array_equal(found, [1, np.nan, 3, 2, np.nan, np.nan])


def test_many_recordings_are_groups_and_few_are_cut_into_blocks() -> None:
    _, patches = cut_recordings(recordings(*[30] * 12), 10, 5)
    assert (time_groups(patches, 10) == patches.owner).all()
    _, patches = cut_recordings(recordings(4000, 1000), 10, 5)
    groups = time_groups(patches, 10)
    assert len(np.unique(groups)) == 40
    assert set(groups[patches.owner == 0]).isdisjoint(groups[patches.owner == 1])


def test_a_recording_shorter_than_a_window_is_named() -> None:
    with pytest.raises(InputError, match="r1 has 9 time steps, too few for windows of 10"):
        cut_recordings(recordings(50, 9), 10, 5)


def test_windows_without_a_value_are_left_out() -> None:
    found = recordings(30, 12)
    found.all[0].values[8:22] = np.nan
    found.all[0].values[15, 1] = 3.0
    source, patches = cut_recordings(found, 5, 1)
    empty = [8, 9, 10, 16, 17]  # those that hold step 15 have a value
    assert patches.corners[patches.owner == 0, 0].tolist() == [i for i in range(26) if i not in empty]
    assert (patches.owner == 1).sum() == 8
    assert not np.isnan(source.all()).all(axis=(1, 2)).any()
