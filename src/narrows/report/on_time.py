"""The page of anomalies on time: recordings with their scores, and the intervals that are flagged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from narrows.data.recordings.recording import TimeAxis
from narrows.data.recordings.time_texts import time_texts
from narrows.report import figures
from narrows.report.kinds.curves import BANDS
from narrows.report.template import fill
from narrows.report.timelines import View, number_of_intervals, stretch, timeline
from narrows.tasks.anomalies.on_time import Interval, TimeScores

RECORDINGS, CLOSE, ROWS = 8, 12, 500
"""Recordings that are drawn, intervals that are drawn close, and those that are listed, at the most."""

WIDE, NARROW = 8.6, 4.2
"""The width of figures of whole recordings on wide pages and on phones, in inches."""

NEAR_WIDTH, NEAR_CHANNELS = 5.0, 3
"""The width of a figure of one interval in inches, and its channels, at the most."""


class Row(NamedTuple):
    """An interval in print: its number, recording, times as in the file, score, p-value and channels."""

    number: int
    recording: str
    start: str
    end: str
    peak: str
    score: float
    p: float
    channels: str


def render_on_time(
    name: str,
    scores: Sequence[TimeScores],
    channels: Sequence[str],
    axis: TimeAxis,
    *,
    window: int,
    sentence: str,
    warnings: Sequence[str] = (),
    judged: Mapping[str, Any] | None = None,
) -> str:
    """The page of anomalies of recordings, as HTML.

    Args:
        name: of the data.
        scores: of each recording.
        channels: their names.
        axis: of their times.
        window: the length of the windows that were compared, in time steps.
        sentence: how many time steps are flagged, and why.
        warnings: sentences about the data.
        judged: beside labels "auroc", "average_precision" and "vus_pr", and of other methods "yardsticks", by
            name "auroc" and "vus_pr".
    """
    rows = [row for found in listed(scores, axis) for row in found]
    with figures.house_style():
        return fill(
            "on_time.html",
            {
                "name": name,
                "sentence": sentence,
                "warnings": warnings,
                "judged": judged,
                "wholes": wholes(scores, channels, axis),
                "recordings": len(scores),
                "not_drawn": max(0, len(channels) - BANDS),
                "n": len(rows),
                "rows": highest(rows, ROWS),
                "several": len(scores) > 1,
                "labelled": any(each.truth is not None for each in scores),
                "closes": closes(scores, channels, axis, window),
                "time": axis.name if scores[0].recording.times is not None else "",
            },
        )


def listed(scores: Sequence[TimeScores], axis: TimeAxis) -> Iterator[list[Row]]:
    """The intervals of each recording in print, numbered in order of time."""
    for found, numbers in zip(scores, number_of_intervals(scores), strict=True):
        ends = zip(*((each.first, each.last, each.peak) for each in found.intervals), strict=True)
        starts, stops, peaks = [in_print(found, axis, steps) for steps in ends] or [[], [], []]
        name, every = found.recording.name, zip(numbers, found.intervals, starts, stops, peaks, strict=True)
        yield [
            Row(number, name, start, stop, peak, each.score, each.p, ", ".join(each.channels))
            for number, each, start, stop, peak in every
        ]


def in_print(found: TimeScores, axis: TimeAxis, steps: Sequence[int]) -> list[str]:
    """The times of `steps` as they are in the file; their numbers where no times are known."""
    if found.recording.times is None:
        return [f"{step:,}" for step in steps]
    return time_texts(found.times[np.array(steps, dtype=np.intp)], axis)


def highest(rows: Sequence[Row], most: int) -> list[Row]:
    """The rows with the highest scores, in order of time."""
    chosen = sorted(rows, key=lambda row: -row.score)[:most]
    return sorted(chosen, key=lambda row: row.number)


def wholes(
    scores: Sequence[TimeScores], channels: Sequence[str], axis: TimeAxis
) -> list[tuple[str, str, str]]:
    """The recordings with the highest scores: their names, and their figures for wide pages and phones."""
    order = sorted(range(len(scores)), key=lambda i: -peak(scores[i]))[:RECORDINGS]
    numbers = number_of_intervals(scores)
    made = []
    for i in sorted(order):
        found, shown = scores[i], range(min(BANDS, len(channels)))
        view = View(0, len(found.score) - 1, shown)
        drawn = [timeline(found, axis, channels, view, numbers[i], width) for width in (WIDE, NARROW)]
        made.append((found.recording.name, drawn[0], drawn[1]))
    return made


def peak(found: TimeScores) -> float:
    """The highest score of a recording; -inf without any."""
    known = found.score[np.isfinite(found.score)]
    return float(known.max()) if len(known) else -np.inf


def closes(
    scores: Sequence[TimeScores], channels: Sequence[str], axis: TimeAxis, window: int
) -> list[tuple[Row, str]]:
    """The intervals with the highest scores, each with a figure of the time around it."""
    found = zip(scores, listed(scores, axis), number_of_intervals(scores), strict=True)
    every = [
        (row, each, of, numbers)
        for of, rows, numbers in found
        for row, each in zip(rows, of.intervals, strict=True)
    ]
    rows = {row.number for row in highest([row for row, *_ in every], CLOSE)}
    return [
        (row, close(of, each, channels, axis, window, numbers))
        for row, each, of, numbers in every
        if row.number in rows
    ]


def close(
    found: TimeScores,
    each: Interval,
    channels: Sequence[str],
    axis: TimeAxis,
    window: int,
    numbers: Sequence[int],
) -> str:
    """A figure of one interval, with the channels that made it stand out."""
    named = [list(channels).index(name) for name in each.channels] or range(len(channels))
    first, last = stretch(found, each, window)
    view = View(first, last, named[:NEAR_CHANNELS], numbered=False)
    return timeline(found, axis, channels, view, numbers, NEAR_WIDTH)
