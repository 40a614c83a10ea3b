import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.recordings.recording import Recording
from narrows.data.recordings.resampling import resampled

START = np.datetime64("2024-03-01T00:00:30", "ns")


def recording(seconds: list[float], values: list[float], labels: list[int] | None = None) -> Recording:
    times = START + (np.array(seconds) * 1e9).astype("timedelta64[ns]")
    return Recording("a", np.array(values)[:, None], times, None if labels is None else np.array(labels))


def test_values_of_a_longer_step_are_means_of_bins() -> None:
    found = resampled(recording([0, 10, 40, 200], [1, 3, 5, np.nan], [0, 1, 0, 0]), 60, 10)
    assert found.times is not None
    assert found.times[0] == np.datetime64("2024-03-01T00:00")
    assert np.unique(np.diff(found.times)) == [np.timedelta64(60, "s")]
    np.testing.assert_array_equal(found.values[:, 0], [2, 5, np.nan, np.nan])
    assert found.labels is not None
    assert found.labels.tolist() == [1, 0, 0, 0]


def test_the_mean_of_regular_steps_is_exact() -> None:
    values = np.random.default_rng(0).random(600)
    found = resampled(recording([30 + s for s in range(600)], values.tolist()), 60, 1)
    np.testing.assert_allclose(found.values[:, 0], values.reshape(10, 60).mean(axis=1))


def test_bins_of_days_begin_at_midnight_of_the_zone() -> None:
    found = resampled(recording([0, 86400], [1.0, 2.0]), 86400, 3600, "+01:00")
    assert found.times is not None
    assert found.times[0] == np.datetime64("2024-02-29T23:00")


def test_values_of_a_shorter_step_lie_on_lines_within_two_usual_steps() -> None:
    found = resampled(recording([0, 60, 180, 360], [0, 6, 18, 36], [0, 1, 0, 0]), 30, 60)
    wanted = [0, 3, 6, 9, 12, 15, 18, np.nan, np.nan, np.nan, np.nan, np.nan, 36]
    np.testing.assert_allclose(found.values[:, 0], wanted)
    assert found.labels is not None
    assert found.labels.tolist() == [0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]


def test_a_missing_value_is_bridged_like_a_missing_row() -> None:
    found = resampled(recording([0, 60, 120, 180, 240], [0, np.nan, 12, np.nan, np.nan]), 30, 60)
    np.testing.assert_allclose(found.values[:, 0], [0, 3, 6, 9, 12, *[np.nan] * 4])


def test_numbers_are_times_too() -> None:
    found = resampled(Recording("a", np.arange(6.0)[:, None], np.arange(6) * 0.1), 0.2, 0.1)
    np.testing.assert_allclose(found.times, [0, 0.2, 0.4])
    np.testing.assert_allclose(found.values[:, 0], [0.5, 2.5, 4.5])


def test_a_step_that_needs_too_much_memory_is_refused() -> None:
    with pytest.raises(InputError, match="With so short a step"):
        resampled(recording([0, 1e7], [0, 1]), 1e-6, 1)
