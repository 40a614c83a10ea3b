from __future__ import annotations

import numpy as np
import pytest

from narrows.data.examples import Data
from narrows.data.reading import Reading
from narrows.data.recordings.examples import from_recordings
from narrows.data.recordings.recording import Recording, Recordings
from narrows.runs import reference_recordings
from narrows.runs.reference_recordings import HELD_OUT, NONE, TRAIN, VALIDATION, ReferenceRecordings


def windows(*lengths: int, window: int = 10) -> Data:
    rng = np.random.default_rng(0)
    made = tuple(Recording(f"r{i}", rng.normal(size=(n, 2))) for i, n in enumerate(lengths))
    return from_recordings(Recordings(made, ("a", "b")), "made", Reading("sequences", window=window))


def test_short_recordings_are_kept_whole_with_the_part_of_each_step() -> None:
    data = windows(900, 300)
    index = data.parts(0)
    kept = ReferenceRecordings.draw(data, index)
    assert kept is not None
    assert kept.lengths.tolist() == [900, 300]
    assert data.recordings is not None
    assert data.patches is not None
    assert index.held_out is not None
    for (values, parts), each, i in zip(kept, data.recordings, (0, 1), strict=True):
        np.testing.assert_array_equal(values, each.values)
        expected = np.full(len(each), NONE)
        for part, rows in ((TRAIN, index.train), (VALIDATION, index.validation), (HELD_OUT, index.held_out)):
            for row in rows[data.patches.owner[rows] == i]:
                expected[data.patches.corners[row, 0] :][:10] = part
        np.testing.assert_array_equal(parts, expected)
    assert {NONE, TRAIN, VALIDATION, HELD_OUT} == set(kept.parts.tolist())


def test_of_long_recordings_stretches_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_recordings, "MOST_STEPS", 1000)
    data = windows(3005, 2000)
    kept = ReferenceRecordings.draw(data, data.parts(0))
    assert kept is not None
    assert 800 <= len(kept.values) <= 1100
    assert all(10 <= length < 170 for length in kept.lengths)
    assert data.recordings is not None
    first = next(iter(kept)).values
    where = np.flatnonzero((data.recordings.all[0].values == first[0]).all(axis=1))
    np.testing.assert_array_equal(data.recordings.all[0].values[where[0] :][: len(first)], first)


def test_examples_that_are_no_windows_keep_no_recordings() -> None:
    data = Data(windows(200).source, windows(200).schema, "plain")
    assert ReferenceRecordings.draw(data, data.parts(0)) is None
