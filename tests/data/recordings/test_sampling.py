from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.recordings.recording import Recording, TimeAxis
from narrows.data.recordings.sampling import change_of_rate, check_order, check_rate, sampling_of, with_gaps

DATES = TimeAxis("t", "date", format="%Y-%m-%d %H:%M:%S")
START = np.datetime64("2024-03-01", "ns")


def dates(seconds: object) -> NDArray[np.datetime64]:
    return START + (np.asarray(seconds, dtype=np.float64) * 1e9).astype("timedelta64[ns]")


def place(row: int) -> str:
    return f"Line {row + 2} of a.csv"


def test_the_usual_step_and_gaps() -> None:
    found = sampling_of(dates([0, 60, 120, 300, 360]))
    assert found.step == 60
    assert found.gaps.tolist() == [False, False, True, False]
    assert found.missing.tolist() == [0, 0, 2, 0]
    assert found.regular


def test_months_are_regular() -> None:
    months = np.arange("2020-01", "2024-01", dtype="datetime64[M]").astype("datetime64[ns]")
    found = sampling_of(months)
    assert found.regular
    assert not found.gaps.any()


def test_random_times_are_irregular() -> None:
    steps = np.random.default_rng(0).exponential(60, 500)
    assert not sampling_of(dates(steps.cumsum())).regular


def test_the_first_row_out_of_order_is_named() -> None:
    with pytest.raises(
        InputError, match=r"Line 4 of a.csv has the time 2024-03-01 00:00:30 in 't', before the row above"
    ):
        check_order(dates([0, 60, 30, 90]), DATES, place, twice=False)
    with pytest.raises(InputError, match="if clocks were set back, write the times with their offset"):
        check_order(dates([0, 60, 30, 90]), DATES, place, twice=False)
    with pytest.raises(InputError, match=r"if there are several recordings, .* give --id"):
        check_order(dates([0, 3600, 7200, 0, 3600]), DATES, place, twice=False)
    with pytest.raises(InputError, match="and so do all others; sort the rows by 't'"):
        check_order(dates([90, 60, 30]), DATES, place, twice=True)


def test_the_first_time_that_occurs_twice_is_named() -> None:
    times = dates([0, 60, 60, 120])
    with pytest.raises(InputError, match=r"Line 4 of a.csv .* as the row above has; .* --every 1min"):
        check_order(times, DATES, place, twice=False)
    check_order(times, DATES, place, twice=True)


@pytest.mark.parametrize(
    ("steps", "wanted", "sentence"),
    [
        ([60] * 50 + [300] * 30, (50, 60, 300), "2024-03-01 00:50:00, from a step of 1min to 5min"),
        ([300] * 20 + [60] * 50, (20, 300, 60), "2024-03-01 01:40:00, from a step of 5min to 1min"),
    ],
)
def test_a_sampling_rate_that_changes(
    steps: list[int], wanted: tuple[int, float, float], sentence: str
) -> None:
    times = dates(np.cumsum([0, *steps]))
    found = sampling_of(times)
    assert change_of_rate(found) == wanted
    with pytest.raises(InputError, match=sentence):
        check_rate(Recording("a.csv", np.zeros((len(times), 1)), times), found, DATES)


def test_gaps_and_irregular_times_are_no_other_rate() -> None:
    random = np.random.default_rng(0)
    for steps in (random.exponential(60, 500), [60] * 50 + [600, 60, 600, 660] + [60] * 50):
        assert change_of_rate(sampling_of(dates(np.cumsum(steps)))) is None


def test_gaps_become_missing_time_steps() -> None:
    times = dates([0, 60, 240, 300])
    recording = Recording("a", np.arange(4)[:, None], times, np.array([0, 1, 0, 0]))
    found = with_gaps(recording, sampling_of(times))
    np.testing.assert_array_equal(found.values[:, 0], [0, 1, np.nan, np.nan, 2, 3])
    np.testing.assert_array_equal(found.times, dates([0, 60, 120, 180, 240, 300]))
    assert found.labels is not None
    assert found.labels.tolist() == [0, 1, 1, 1, 0, 0]


def test_gaps_between_numbers() -> None:
    times = np.array([0, 0.5, 1.0, 2.5])
    found = with_gaps(Recording("a", np.ones((4, 2)), times), sampling_of(times))
    np.testing.assert_allclose(found.times, [0, 0.5, 1.0, 1.5, 2.0, 2.5])
    assert np.isnan(found.values).all(axis=1).tolist() == [False, False, False, True, True, False]
