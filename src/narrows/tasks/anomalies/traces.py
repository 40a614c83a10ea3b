"""Recordings on the model's scale, and the residuals of their reconstruction at each time step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.anomalies.known_windows import Codes, step_codes
from narrows.tasks.anomalies.window_views import Float32s, Windows

Index = NDArray[np.intp]

MOST_WINDOWS = 2**15
"""Windows of a recording that are reconstructed, at the most, as far as they still overlap by `OVERLAP`."""

OVERLAP = 4
"""A window begins at most this fraction of its length after the one before."""

GOLDEN = (5**0.5 - 1) / 2
"""Its multiples modulo 1 are spread evenly."""

PIECE = 1024
"""Windows that are reconstructed at a time."""


class Trace(NamedTuple):
    """A recording on the model's scale.

    Attributes:
        rows: `(channels, time)`; missing values are filled in.
        residuals: `(channels, time)`, less the mean of the reconstructions of all windows that hold a step.
        seen: `(time,)`, whether a value is there.
        codes: `(time,)`, `step_codes` of the recording.
    """

    rows: Float32s
    residuals: Float32s
    seen: NDArray[np.bool_]
    codes: Codes

    def windows(self, starts: Index, length: int) -> Windows:
        """The windows of a `length` that begin at `starts (n,)`."""
        every = (sliding_window_view(each, length, axis=1) for each in (self.rows, self.residuals))
        return Windows(*(np.ascontiguousarray(each[:, starts].swapaxes(0, 1)) for each in every))


def starts_of(steps: int, window: int, stride: int) -> Index:
    """The first time steps of windows, one in each `stride` time steps; the last one ends at the end.

    Where in these it begins differs from one to the next, else all windows of a periodic recording could
    begin at the same few phases.

    >>> starts_of(10, 4, 1).tolist(), starts_of(30, 8, 4).tolist()
    ([0, 1, 2, 3, 4, 5, 6], [0, 6, 8, 15, 17, 20, 22])
    """
    first = np.arange(0, steps - window + 1, stride)
    shifts = (stride * (np.arange(len(first)) * GOLDEN % 1)).astype(np.intp)
    return np.unique(np.append(np.minimum(first + shifts, steps - window), steps - window))


def stride_of(steps: int, window: int, most: int) -> int:
    """The time steps between windows, so that there are at most so many if they still overlap by `OVERLAP`.

    >>> stride_of(10, 4, 100), stride_of(100, 20, 10)
    (1, 5)
    """
    return max(1, min(-(-steps // most), window // OVERLAP))


def trace(run: Run, recording: Array, longest: int = 0) -> Trace:
    """A recording `(time, channels)`, at least as long as a window of `run`.

    It is reconstructed from windows as far from each other as those of a recording of `longest` time steps.
    """
    window, (channels, steps) = run.schema.shape[0], recording.shape[::-1]
    stride = stride_of(max(steps, longest), window, MOST_WINDOWS)
    seen = np.ones(steps, dtype=np.bool_)
    if recording.dtype.kind == "f":
        seen = np.asarray(~np.isnan(recording).all(axis=1))
    sums = np.zeros((2, channels, steps))
    counts = np.zeros(steps)
    inside = np.asarray(sliding_window_view(seen, window).any(axis=1))
    for starts in in_pieces(starts_of(steps, window, stride), inside):
        found = prepared(run, recording[starts[:, None] + np.arange(window)])
        stretch = slice(starts[0], starts[-1] + window)
        places = (starts[:, None] - starts[0] + np.arange(window)).ravel()
        counts[stretch] += np.bincount(places)
        for total, each in zip(sums, found, strict=True):
            for channel in range(channels):
                total[channel, stretch] += np.bincount(places, each[:, channel].ravel())
    rows, made = (sums / np.maximum(counts, 1)).astype(np.float32)
    return Trace(rows, rows - made, seen, step_codes(recording))


def in_pieces(starts: Index, inside: NDArray[np.bool_]) -> Iterator[Index]:
    """Those of `starts` that are `inside`, a few at a time."""
    chosen = starts[inside[starts]]
    yield from (chosen[i : i + PIECE] for i in range(0, len(chosen), PIECE))


def prepared(run: Run, windows: Array) -> Float32s:
    """`windows (n, time, channels)` as they came on the model's scale, and their reconstructions.

    Returns:
        `(2, n, channels, time)`; missing values are filled in.
    """
    rows, made = run.scaled(windows), run.reconstruct_scaled(windows)
    lacking = np.isnan(rows).any(axis=1)
    if lacking.any():
        rows[lacking], made[lacking] = run.imputer.completed(rows[lacking].astype(np.float64))
    return np.stack([rows, made]).reshape(2, -1, *run.schema.model_shape)
