from __future__ import annotations

from dataclasses import replace

import numpy as np

from narrows.data.readers import as_data
from narrows.data.reading import Reading
from narrows.data.recordings.examples import from_recordings
from narrows.data.recordings.recording import Recording, Recordings, TimeAxis
from narrows.doctor.case import DataCase
from narrows.doctor.rows import check_repeated, check_rows, repeated, repeats_by_chance


def test_repeated_rows_are_paired_with_the_first_of_their_kind() -> None:
    values = np.array([[1.0, 2.0], [3.0, np.nan], [1.0, 2.0], [3.0, np.nan], [1.0, 2.0], [2.0, 1.0]])
    assert list(repeated(values)) == [(0, 2), (1, 3), (0, 4)]


def test_a_table_of_few_values_repeats_by_chance() -> None:
    rng = np.random.default_rng(0)
    few, many = rng.integers(0, 10, (300, 2)).astype(float), rng.standard_normal((300, 1))
    assert repeats_by_chance(DataCase(as_data(few)))
    assert not repeats_by_chance(DataCase(as_data(np.hstack([few, many]))))
    assert not repeats_by_chance(DataCase(as_data(np.zeros((300, 4, 4)))))


def test_one_repeated_row_in_a_hundred_is_a_warning() -> None:
    values = np.random.default_rng(0).standard_normal((300, 4))
    values[:3] = values[10]
    found = check_repeated(DataCase(as_data(values)))
    assert found is not None
    assert (found.severity, found.evidence[:3]) == ("warning", "1 %")
    grouped = check_repeated(DataCase(replace(as_data(values), groups=np.arange(300) % 30)))
    assert grouped is not None
    assert grouped.severity == "info"


def test_a_test_part_is_judged_by_its_size() -> None:
    data = as_data(np.random.default_rng(0).standard_normal((200, 3)))
    for n, severity in ((20, "info"), (19, "warning")):
        found = check_rows(DataCase(replace(data, test=data.rows(np.arange(n)))))
        assert found.severity == severity
        assert f"The set's own test part of {n} rows will be held out" in found.evidence


def test_windows_count_by_stretches_of_their_length() -> None:
    recording = Recording("a", np.random.default_rng(0).standard_normal((900, 1)))
    recordings = Recordings((recording,), ("load",), TimeAxis("when", "date", 900.0))
    data = from_recordings(recordings, "plant", Reading(kind="sequences", window=10))
    found = check_rows(DataCase(data))
    held_out = np.unique(data.stretches[data.parts(0).held_out])  # type: ignore[index]
    assert found.evidence.startswith(f"{len(held_out)} stretches of 10 time steps of 90 will be held out")
