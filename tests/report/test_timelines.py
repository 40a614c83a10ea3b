from __future__ import annotations

import re

import numpy as np
import pytest

from narrows.data.recordings.recording import Recording, TimeAxis
from narrows.report import figures
from narrows.report.timelines import View, number_of_intervals, places, spans, stretch, timeline
from narrows.tasks.anomalies.on_time import TimeScores, intervals_of

DATES = TimeAxis("when", "date", 900.0, "+01:00")


def scored(steps: int, *flagged: tuple[int, int], dates: bool = True) -> TimeScores:
    """A recording of two channels, whose score is 2 in the `flagged` intervals and else 0."""
    score = np.zeros(steps)
    for first, last in flagged:
        score[first : last + 1] = 2.0
    values = np.column_stack([np.arange(steps), np.arange(steps)[::-1]]).astype(np.float64)
    times = np.datetime64("2025-03-03T00:00", "ns") + np.arange(steps) * np.timedelta64(15, "m")
    p, above = np.full(steps, 0.01), score > 1
    found = intervals_of(above, score, p, [("load",)] * len(flagged))
    return TimeScores(Recording("plant", values, times if dates else None), score, p, above, 1.0, found)


def test_times_are_clocks_of_the_zone_of_the_file() -> None:
    from matplotlib.dates import num2date

    found = places(scored(5), DATES, View(0, 4, [0]))
    assert num2date(found[1]).strftime("%Y-%m-%d %H:%M") == "2025-03-03 01:15"
    np.testing.assert_array_equal(places(scored(5, dates=False), TimeAxis(), View(2, 4, [0])), [2, 3, 4])


def test_a_short_interval_is_wide_enough_to_be_seen_and_others_are_left_out() -> None:
    x = np.arange(100_001.0)
    view = View(0, 100_000, [0])
    ((begin, end),) = spans([(500, 500)], x, view)
    assert (begin + end) / 2 == 500
    assert end - begin == pytest.approx(0.0025 * 100_000)
    assert spans([(5, 9), (40, 45)], x[10:31], View(10, 30, [0])) == []
    assert spans([(5, 20)], x[10:31], View(10, 30, [0])) == [(10, 20)]
    assert len(spans([(i, i) for i in range(0, 100_000, 10)], x, view)) == 1


def test_a_figure_has_a_panel_for_each_channel_and_the_score_in_the_colours_of_the_page() -> None:
    found = scored(2000, (100, 130), (1500, 1500))
    with figures.house_style():
        svg = timeline(found, DATES, ("load", "<heat>"), View(0, 1999, [0, 1]), [1, 2], 8.0)
    assert re.findall(r">(load|&lt;heat&gt;|score)</text>", svg) == ["load", "&lt;heat&gt;", "score"]
    assert {">1</text>", ">2</text>"} <= {*re.findall(r">\d</text>", svg)}
    assert not re.search("|".join(figures.VARIABLES), svg)
    assert len(svg) < 300_000


def test_a_gap_of_a_recording_is_a_gap_of_its_line() -> None:
    found = scored(100)
    found.recording.values[40:60] = np.nan
    found.score[40:60] = np.nan
    with figures.house_style():
        svg = timeline(found, TimeAxis(), ("a", "b"), View(0, 99, [0]), [], 5.0)
    paths = [d for d in re.findall(r'<path d="([^"]*)"', svg) if d.count("L") > 20]
    assert [d.count("M") for d in paths] == [2, 2]


def test_the_figure_of_an_interval_shows_as_much_around_it_as_a_window() -> None:
    found = scored(1000, (100, 109), (990, 999))
    assert [stretch(found, each, 48) for each in found.intervals] == [(52, 157), (942, 999)]
    assert [stretch(found, each, 4) for each in found.intervals] == [(90, 119), (980, 999)]


def test_intervals_are_numbered_through_all_recordings() -> None:
    numbers = number_of_intervals([scored(50, (1, 2), (5, 6)), scored(50), scored(50, (3, 4))])
    assert numbers == [[1, 2], [], [3]]
