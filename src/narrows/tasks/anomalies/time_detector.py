"""The anomaly score of the time steps of recordings, for a run of windows over recordings.

The windows of a recording are compared with those of the recordings that the run keeps
(`narrows.tasks.anomalies.window_comparison`); the score of a time step is a mean over windows
(`narrows.tasks.anomalies.window_means`). The windows that are compared are those of the model, or longer
where the period is: a model needs many windows, a comparison a whole period. No option of it depends on the
data.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.recordings.period import WITHOUT_PERIOD, period
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.runs.reference_recordings import HELD_OUT
from narrows.runs.run import Run
from narrows.tasks.anomalies.detector import keeps_no
from narrows.tasks.anomalies.known_windows import KnownWindows
from narrows.tasks.anomalies.traces import Trace, starts_of, stride_of, trace
from narrows.tasks.anomalies.window_baselines import WINDOW_BASELINES, Score
from narrows.tasks.anomalies.window_comparison import WindowComparison
from narrows.tasks.anomalies.window_means import on_steps
from narrows.training.progress import Counting, uncounted

Index = NDArray[np.intp]

SIDE_BY_SIDE = 4
"""So many compared windows fit into the longest recording that is kept, so that some do not overlap."""

MOST_SCORED = 2**18
"""Windows of a recording that are compared, at the most, as far as they still overlap well."""

PIECE = 2048
"""Windows that are compared at a time."""

SEEN = 0.5
"""The share of the time steps of a window that have a value, at the least, for it to be compared."""

WILD, MOST_WILD = 3.0, 0.05
"""The score that usual time steps do not exceed, three times the distance of the ninth decile from the
median; where more than this share of them do, they are usual."""

FEWEST = 20
"""Held-out windows side by side from which on they alone tell what is usual."""


class TimeDetector:
    """The anomaly score of time steps.

    Args:
        run: a run that keeps recordings.
        progress: shows how far the scores are.
        longest: the time steps of the longest recording that is to be scored. Kept ones are scored from
            windows as far from each other, so that their scores vary as much.

    Raises:
        InputError: for a run without reference recordings.
    """

    noun = "time steps"

    def __init__(self, run: Run, progress: Counting = uncounted, longest: int = 0) -> None:
        kept = run.evidence.recordings
        if kept is None:
            raise InputError(keeps_no("recordings"))
        self.run, self.progress, self.longest = run, progress, longest
        self.window = run.schema.shape[0]
        found = [each for each in kept if len(each.values) >= self.window]
        self.parts = [each.parts for each in found]
        self.traces = [self.trace(each.values) for each in found]
        whole = max(found, key=lambda each: len(each.values)).values
        usual = min(period(whole) or WITHOUT_PERIOD, len(whole) // SIDE_BY_SIDE)
        self.length = max(self.window, usual)
        """The usual length of the windows that are compared."""
        self._comparisons: dict[int, WindowComparison] = {}
        self._known: dict[int, KnownWindows] = {}

    def comparison(self, length: int) -> WindowComparison:
        """Windows of a length beside those of the kept recordings."""
        if length not in self._comparisons:
            traces, parts, offsets = self._reference(length)
            self._comparisons[length] = WindowComparison(traces, parts, offsets, length)
        return self._comparisons[length]

    def known(self, length: int) -> KnownWindows:
        """The windows of a length of the kept recordings."""
        if length not in self._known:
            traces, _, offsets = self._reference(length)
            self._known[length] = KnownWindows([each.codes for each in traces], offsets, length)
        return self._known[length]

    def _reference(self, length: int) -> tuple[list[Trace], list[NDArray[np.uint8]], Index]:
        """The kept recordings that are as long as a window, and where each begins on one axis."""
        pairs = zip(self.traces, self.parts, strict=True)
        long = [(each, parts) for each, parts in pairs if len(parts) >= length]
        steps = np.array([len(parts) + length for _, parts in long])
        return [each for each, _ in long], [parts for _, parts in long], np.cumsum(steps) - steps

    def length_for(self, steps: int) -> int:
        """The length of the windows of a recording of so many time steps."""
        return min(self.length, steps)

    def stride(self, steps: int) -> int:
        """From one compared window to the next, in a recording of so many time steps."""
        return stride_of(max(steps, self.longest), self.length_for(steps), MOST_SCORED)

    def trace(self, recording: Array) -> Trace:
        """A recording `(time, channels)` as it came, on the model's scale."""
        return trace(self.run, recording, self.longest)

    def scores(self, recording: Array) -> Floats:
        """Scores `(time,)` of a recording `(time, channels)` as it came; NaN where no value is near."""
        return self.of_trace(self.trace(recording))

    def of_trace(self, found: Trace) -> Floats:
        """Scores `(time,)` of a recording on the model's scale."""
        steps = len(found.seen)
        return self._on_steps(found, self._starts(found), self.length_for(steps))

    def _starts(self, found: Trace) -> Index:
        """The first time steps of the windows that are compared: those that hold enough values."""
        steps = len(found.seen)
        length = self.length_for(steps)
        seen = np.append(0, np.cumsum(found.seen))
        starts = starts_of(steps, length, self.stride(steps))
        return starts[seen[starts + length] - seen[starts] >= SEEN * length]

    def _on_steps(self, found: Trace, starts: Index, length: int) -> Floats:
        """Scores `(time,)` from the windows that begin at `starts`."""
        compare, known = self.comparison(length), self.known(length)
        scores = [
            compare(found.windows(piece, length), known.find(found.codes, piece))
            for piece in self._pieces(starts, "scores")
        ]
        return on_steps(np.concatenate([*scores, np.empty(0)]), starts, length, len(found.seen))

    def _pieces(self, starts: Index, what: str) -> Iterable[Index]:
        pieces = [starts[i : i + PIECE] for i in range(0, len(starts), PIECE)]
        return self.progress(pieces, len(pieces), what)

    def baselines(self, found: Trace) -> dict[str, Floats]:
        """Scores `(time,)` by the classical methods, from the same windows and averaged in the same way."""
        length, starts = self.length_for(len(found.seen)), self._starts(found)
        known = self.known(length)
        return {
            name: on_steps(
                np.concatenate(
                    [
                        score(found.windows(piece, length).rows, known.find(found.codes, piece))
                        for piece in self._pieces(starts, name)
                    ]
                ),
                starts, length, len(found.seen),
            )
            for name, score in self._baselines(length).items()
        }  # fmt: skip

    def _baselines(self, length: int) -> dict[str, Score]:
        """The classical methods, fitted to the reference windows."""
        reference = self.comparison(length).reference
        return {name: fit(reference.windows.rows, reference.places) for name, fit in WINDOW_BASELINES.items()}

    def channel_shares(self, found: Trace, steps: Index) -> Floats:
        """The share of each channel in the scores of the time `steps (n,)`, `(n, channels)`."""
        length = self.length_for(len(found.seen))
        starts = np.clip(steps - length // 2, 0, len(found.seen) - length)
        places = self.known(length).find(found.codes, starts)
        return self.comparison(length).of_channels(found.windows(starts, length), places)

    def contributions(self, found: Trace) -> Floats:
        """What each value of a recording adds to how unusual windows are, `(time, channels)`.

        The sum over a window is how unusual it is, at least 0; of the windows that hold a time step the mean
        is taken. NaN where no value is.
        """
        channels, steps = found.rows.shape
        length = self.length_for(steps)
        compare, known = self.comparison(length), self.known(length)
        total, count = np.zeros((channels, steps)), np.zeros(steps)
        for starts in self._pieces(self._starts(found), "contributions"):
            given = found.windows(starts, length), known.find(found.codes, starts)
            amounts = np.maximum(compare(*given), 0.0)[:, None, None] * compare.of_values(*given)
            stretch = slice(starts[0], starts[-1] + length)
            places = (starts[:, None] - starts[0] + np.arange(length)).ravel()
            count[stretch] += np.bincount(places)
            for channel, each in enumerate(amounts.swapaxes(0, 1)):
                total[channel, stretch] += np.bincount(places, each.ravel())
        return np.where(found.seen & (count > 0), total / np.maximum(count, 1), np.nan).T

    @property
    def few(self) -> bool:
        """Whether too few time steps were held out to tell what is usual."""
        return sum(int((each == HELD_OUT).sum()) for each in self.parts) < FEWEST * self.length

    @property
    def held_out(self) -> Floats:
        """Scores of held-out time steps, compared with windows that do not overlap theirs.

        Where they are `few`, of all kept time steps, which may be lower than those of new ones; without those
        that are `wild`.
        """
        return self._usual[~self.wild]

    @property
    def wild(self) -> NDArray[np.bool_]:
        """Which of these time steps are anomalies themselves: the few ones that score above `WILD`."""
        wild = self._usual > WILD
        return wild if wild.mean() <= MOST_WILD else np.zeros_like(wild)

    @cached_property
    def _usual(self) -> Floats:
        """The scores of `held_out` and `wild` time steps."""
        return self.of_kept if self.few else self._of_kept([each == HELD_OUT for each in self.parts])

    @cached_property
    def of_kept(self) -> Floats:
        """Scores of all kept time steps, compared with windows that do not overlap theirs."""
        return self._of_kept([np.ones(len(each), dtype=np.bool_) for each in self.parts])

    def _of_kept(self, wanted: list[NDArray[np.bool_]]) -> Floats:
        """The scores of the `wanted` time steps of the kept recordings."""
        traces = self._reference(self.length)[0]
        chosen = [each for each in wanted if len(each) >= self.length]
        found = []
        for each, steps in zip(traces, chosen, strict=True):
            starts = self._starts(each)
            # The score of a step depends on windows that begin up to one and a half windows before it.
            before = np.append(0, np.cumsum(steps))
            first = np.maximum(starts - self.length, 0)
            last = np.minimum(starts + 2 * self.length, len(steps))
            near = starts[before[last] > before[first]]
            found.append(self._on_steps(each, near, self.length)[steps])
        known = np.concatenate(found)
        return known[np.isfinite(known)]
