import pytest

from narrows.core.errors import InputError
from narrows.data.recordings.durations import SECONDS, show_step, step_of
from narrows.data.recordings.recording import TimeAxis

DATES, NUMBERS = TimeAxis("t", "date"), TimeAxis("t", "number")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("1s", 1), ("1min", 60), ("1h", 3600), ("1d", 86400), ("1,5 h", 5400), ("2us", 2e-6)],
)
def test_durations_have_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert step_of(text, DATES) == pytest.approx(seconds)


def test_columns_of_numbers_take_plain_numbers() -> None:
    assert step_of("0.25", NUMBERS) == 0.25
    with pytest.raises(InputError, match="the times in 't' are numbers"):
        step_of("1min", NUMBERS)


@pytest.mark.parametrize("text", ["", "min", "-1min", "1month", "1m", "0s", "1min30s"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--every takes a number and a unit"):
        step_of(text, DATES)


def test_dates_need_a_unit() -> None:
    with pytest.raises(InputError, match="has no unit, but the times are dates"):
        step_of("5", DATES)


@pytest.mark.parametrize("seconds", [*SECONDS.values(), 0.02, 90.0, 7 * 86400.0])
def test_a_shown_step_is_read_again(seconds: float) -> None:
    assert step_of(show_step(seconds, DATES), DATES) == pytest.approx(seconds)
