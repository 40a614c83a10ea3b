"""Figures of recordings with their anomaly scores below, on one axis of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from narrows.data.recordings.recording import TimeAxis
from narrows.data.recordings.time_texts import local_clocks
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.evaluation.vus import intervals
from narrows.report import figures
from narrows.report.kinds.curves import drawn_steps
from narrows.tasks.anomalies.on_time import Interval, TimeScores

DATES: Any = dates  # matplotlib has no types for it

PER_INCH = 90
"""Parts of a long line for each inch of a figure; of each its least and its greatest value are drawn."""

LEAST_SHARE = 0.0025
"""The share of the width that a shaded interval takes at the least, so that it is seen."""

OFFSETS = ["", "%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d %H:%M"]
"""What is written below the axis of dates where the marks are years, months, days and so on."""

PANEL, GAP, MARGIN = 0.9, 0.3, 0.7
"""The height of a panel, of the room between panels, and of the room for the axis of time, in inches."""


@dataclass(frozen=True, slots=True)
class View:
    """What a figure shows of a recording.

    Attributes:
        first: its first time step.
        last: its last time step.
        channels: the numbers of the channels.
        numbered: whether the intervals have their numbers above them, in a view of the whole recording.
    """

    first: int
    last: int
    channels: Sequence[int]
    numbered: bool = True


def timeline(
    found: TimeScores, axis: TimeAxis, names: Sequence[str], view: View, numbers: Sequence[int], width: float
) -> str:
    """The channels of a recording, one below the other, and the score with its threshold.

    Args:
        found: the recording and its scores.
        axis: of its times.
        names: of the channels.
        view: what is shown.
        numbers: of the intervals of `found`, as the table has them.
        width: of the figure, in inches.
    """
    panels = len(view.channels) + 1
    height = panels * (PANEL + GAP) + MARGIN
    figure = Figure(figsize=(width, height))
    shared = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    figure.subplots_adjust(0.01, MARGIN / height, 0.99, 1 - GAP / height, hspace=GAP / PANEL)
    x = places(found, axis, view)
    bins = round(PER_INCH * width)
    for panel, channel in zip(shared, view.channels, strict=False):
        line(panel, x, found.recording.values[:, channel], view, bins, figures.INK)
        title(panel, names[channel])
    scores(shared[-1], found, x, view, bins)
    for panel in shared:
        shade(panel, found.intervals, x, view)
    if view.numbered:
        number(shared[0], found.intervals, numbers, x, view)
    along_time(shared[-1], axis, found.recording.times is not None)
    return figures.drawing(figure, f"{found.recording.name} with its scores")


def places(found: TimeScores, axis: TimeAxis, view: View) -> Floats:
    """Where the time steps of a view are on the axis of a figure, `(steps,)`."""
    times = found.times[view.first : view.last + 1]
    if axis.unit != "date" or found.recording.times is None:
        return times.astype(np.float64)
    return np.asarray(DATES.date2num(local_clocks(times, axis.zone)[0]), dtype=np.float64)


def line(panel: Axes, x: Floats, values: Array, view: View, bins: int, colour: str) -> None:
    """A line with gaps at NaN; of a long one the extremes of each part."""
    y = values[view.first : view.last + 1].astype(np.float64)
    steps = drawn_steps(y, bins)
    panel.plot(x[steps], y[steps], color=colour, linewidth=0.9)
    margin = 0.02 * (x[-1] - x[0])
    panel.set_xlim(x[0] - margin, x[-1] + margin)
    panel.locator_params(axis="y", nbins=3)
    panel.tick_params(axis="both", length=2, labelsize=9.5)


def title(panel: Axes, text: str) -> None:
    """What a panel shows, in its upper left corner."""
    panel.set_title(text, loc="left", fontsize=10, pad=2, color=figures.INK)


def scores(panel: Axes, found: TimeScores, x: Floats, view: View, bins: int) -> None:
    """The score, its threshold, and which time steps the labels call anomalous."""
    line(panel, x, found.score, view, bins, figures.OURS)
    panel.axhline(found.threshold, color=figures.PCA, linewidth=1.2, linestyle=(0, (4, 2)))
    title(panel, "score")
    if found.truth is not None:
        bottom = panel.get_ylim()[0]
        for begin, end in spans(intervals(found.truth), x, view):
            panel.plot([begin, end], [bottom, bottom], color=figures.INK, linewidth=4, solid_capstyle="butt")


def spans(ends: Iterable[Sequence[int]], x: Floats, view: View) -> list[tuple[float, float]]:
    """Where intervals `(first, last)` of time steps begin and end in a figure, those that it shows.

    Intervals are in order of time; short ones are widened, and those that then touch are one.
    """
    least = LEAST_SHARE * (x[-1] - x[0])
    found: list[tuple[float, float]] = []
    for first, last in ends:
        if last < view.first or first > view.last:
            continue
        begin, end = (float(x[np.clip(step, view.first, view.last) - view.first]) for step in (first, last))
        widen = max(0.0, (least - (end - begin)) / 2)
        begin, end = begin - widen, end + widen
        if found and begin <= found[-1][1]:
            begin = found.pop()[0]
        found.append((begin, end))
    return found


def shade(panel: Axes, found: Sequence[Interval], x: Floats, view: View) -> None:
    """The flagged intervals behind the lines."""
    shown = spans(((each.first, each.last) for each in found), x, view)
    bars = [(begin, end - begin) for begin, end in shown]
    whole = panel.get_xaxis_transform()
    panel.broken_barh(bars, (0, 1), transform=whole, facecolor=figures.PCA, alpha=0.3, linewidth=0, zorder=0)


def number(panel: Axes, found: Sequence[Interval], numbers: Sequence[int], x: Floats, view: View) -> None:
    """The numbers of the intervals above them, as far as they have room."""
    room, free = 0.02 * (x[-1] - x[0]), -np.inf
    for each, i in zip(found, numbers, strict=True):
        middle = (x[each.first - view.first] + x[each.last - view.first]) / 2
        if middle < free:
            continue
        free = middle + room * len(str(i))
        style: dict[str, Any] = {"color": figures.PCA, "fontweight": "bold", "fontsize": 9.5}
        whole = panel.get_xaxis_transform()
        panel.text(middle, 1.0, str(i), transform=whole, ha="center", va="bottom", **style)


def along_time(panel: Axes, axis: TimeAxis, timed: bool) -> None:
    """The axis of time: dates, the numbers of a column, or time steps."""
    if axis.unit == "date" and timed:
        locator = DATES.AutoDateLocator(minticks=3, maxticks=8)
        panel.xaxis.set_major_locator(locator)
        panel.xaxis.set_major_formatter(DATES.ConciseDateFormatter(locator, offset_formats=OFFSETS))
    else:
        panel.set_xlabel(axis.name if timed else "time step", fontsize=10)


def stretch(found: TimeScores, each: Interval, window: int) -> tuple[int, int]:
    """The first and the last time step of a figure of one interval, with as much before and after it."""
    around = max(window, each.last - each.first + 1)
    return max(0, each.first - around), min(len(found.score) - 1, each.last + around)


def number_of_intervals(scores: Sequence[TimeScores]) -> list[list[int]]:
    """The numbers of the intervals of each recording, from 1 on, in order of time."""
    numbers = count(1)
    return [[next(numbers) for _ in each.intervals] for each in scores]
