"""How unusual windows of recordings are beside the windows of reference recordings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.examples import draw_rows
from narrows.evaluation.errors import Floats
from narrows.runs.reference_recordings import TRAIN
from narrows.tasks.anomalies.nearest_window import NearestWindow, Unusual
from narrows.tasks.anomalies.traces import Trace
from narrows.tasks.anomalies.window_views import BesideResiduals, Shapes, View, Windows, values

Index = NDArray[np.intp]

MOST_WINDOWS, MOST_VALUES, LEAST_WINDOWS = 8192, 2**25, 512
"""Reference windows, and their values, at the most; of more a random sample, but not of less windows than
the last number."""


class Way(NamedTuple):
    """A way of comparing windows: the features, the nearest reference windows, and what is unusual."""

    view: View
    nearest: NearestWindow
    unusual: Unusual


class Reference(NamedTuple):
    """Reference windows.

    Attributes:
        windows: `(m, channels, time)`.
        places: `(m,)`, where they begin, on one axis for all recordings.
        untrained: `(m,)`, whether no time step of a window is of the training part.
    """

    windows: Windows
    places: Index
    untrained: NDArray[np.bool_]


class WindowComparison:
    """Windows of one length beside those of reference recordings.

    They are compared in three ways (`narrows.tasks.anomalies.window_views`). In each the distance to the
    nearest window that does not overlap says how unusual a window is, and the way in which it is most unusual
    counts: a level that never was, a known level with an unknown course, and a course that the model cannot
    follow are anomalies each by itself.

    Args:
        traces: the reference recordings, each at least as long as a window.
        parts: of their time steps, `(time,)` each.
        offsets: `(k,)`, where each begins on one axis, so far apart that their windows do not overlap.
        length: of the windows.
    """

    def __init__(
        self, traces: Sequence[Trace], parts: Sequence[NDArray[np.uint8]], offsets: Index, length: int
    ) -> None:
        self.length = length
        self.reference = reference_windows(traces, parts, offsets, length)
        windows, untrained = self.reference.windows, self.reference.untrained
        # The model errs less on windows that it was trained on.
        beside = BesideResiduals(windows.part(untrained) if untrained.any() else windows)
        self.ways = [self._way(view) for view in (values, Shapes(windows), beside)]

    def _way(self, view: View) -> Way:
        """The way of a view; the reference windows say what is usual in it."""
        features, places = view(self.reference.windows), self.reference.places
        nearest = NearestWindow(features, places, self.length)
        return Way(view, nearest, Unusual(nearest(features, places).distances, nearest.deviation))

    def __call__(self, windows: Windows, places: Index | None = None) -> Floats:
        """How unusual windows are, `(n,)`; `places (n,)` are as of `KnownWindows.find`."""
        return self.by_way(windows, places).max(axis=0)

    def by_way(self, windows: Windows, places: Index | None = None) -> Floats:
        """How unusual windows are in each way, `(ways, n)`."""
        found = (way.nearest(way.view(windows), places).distances for way in self.ways)
        return np.stack([way.unusual(each) for way, each in zip(self.ways, found, strict=True)])

    def of_values(self, windows: Windows, places: Index | None = None) -> Floats:
        """The share of each value in how unusual windows are, `(n, channels, time)`; they sum to 1.

        It is that in the squared distance to the nearest window, in the way in which the window is most
        unusual.
        """
        shares = []
        for way in self.ways:
            features = way.view(windows)
            numbers = way.nearest(features, places).numbers
            apart = way.nearest.difference(features, numbers).astype(np.float64) ** 2
            amounts = apart.reshape(len(apart), -1, *apart.shape[-2:]).sum(axis=1)
            shares.append(amounts / np.maximum(amounts.sum(axis=(1, 2), keepdims=True), 1e-300))
        chosen = self.by_way(windows, places).argmax(axis=0)
        return np.stack(shares)[chosen, np.arange(len(chosen))]

    def of_channels(self, windows: Windows, places: Index | None = None) -> Floats:
        """The share of each channel in how unusual windows are, `(n, channels)`."""
        return self.of_values(windows, places).sum(axis=2)


def reference_windows(
    traces: Sequence[Trace], parts: Sequence[NDArray[np.uint8]], offsets: Index, length: int
) -> Reference:
    """The windows of a `length` of the reference recordings; arguments as of `WindowComparison`."""
    counts = [each.rows.shape[1] - length + 1 for each in traces]
    owner = np.repeat(np.arange(len(traces)), counts)
    starts = np.concatenate([np.arange(count) for count in counts])
    chosen = draw_rows(len(owner), most_windows(len(traces[0].rows) * length))
    owner, starts = owner[chosen], starts[chosen]
    found, untrained = [], []
    for i, (each, of_steps) in enumerate(zip(traces, parts, strict=True)):
        rows = starts[owner == i]
        trained = np.append(0, np.cumsum(of_steps == TRAIN))
        untrained.append(trained[rows + length] == trained[rows])
        found.append(each.windows(rows, length))
    windows = Windows(*(np.concatenate(each) for each in zip(*found, strict=True)))
    return Reference(windows, offsets[owner] + starts, np.concatenate(untrained))


def most_windows(values: int) -> int:
    """The number of reference windows of so many values each, at the most.

    >>> most_windows(100), most_windows(10_000), most_windows(10**6)
    (8192, 3355, 512)
    """
    return min(MOST_WINDOWS, max(LEAST_WINDOWS, MOST_VALUES // values))
