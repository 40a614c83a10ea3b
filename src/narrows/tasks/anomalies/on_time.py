"""The anomaly scores of the time steps of a recording, and the intervals in which they are flagged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from narrows.data.recordings.recording import Recording
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.evaluation.vus import intervals


@dataclass(frozen=True, slots=True)
class Interval:
    """Flagged time steps that follow each other.

    Attributes:
        first: its first time step, counted from 0.
        last: its last time step.
        peak: the time step with the highest score.
        score: of the peak.
        p: of the peak.
        channels: those that contribute most to the score of the peak, the first most; empty where there is
            one channel.
    """

    first: int
    last: int
    peak: int
    score: float
    p: float
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class TimeScores:
    """The scores of the time steps of one recording.

    Attributes:
        recording: the recording, with its name, values and times.
        score: `(time,)`, higher is more unusual; NaN where no value is near.
        p: `(time,)`, the share of held-out time steps that score at least as high; 1 where no value is near.
        flagged: `(time,)`, whether the score is above the threshold.
        threshold: the score that flagged time steps exceed.
        intervals: of flagged time steps, in order of time.
        truth: `(time,)`, which time steps are anomalous, if labels say so.
    """

    recording: Recording
    score: Floats
    p: Floats
    flagged: NDArray[np.bool_]
    threshold: float
    intervals: tuple[Interval, ...]
    truth: NDArray[np.bool_] | None = None

    @property
    def times(self) -> Array:
        """`(time,)`, datetime64[ns] in UTC or float64; the numbers of the time steps where none are known."""
        known = self.recording.times
        return np.arange(len(self.score), dtype=np.float64) if known is None else known


def intervals_of(
    flagged: NDArray[np.bool_], score: Floats, p: Floats, channels: Sequence[tuple[str, ...]] = ()
) -> tuple[Interval, ...]:
    """The intervals of `flagged (time,)` time steps, with the `channels` of each if they are known."""
    found = []
    for i, (first, last) in enumerate(intervals(flagged).tolist()):
        peak = first + int(np.nanargmax(score[first : last + 1]))
        named = channels[i] if channels else ()
        found.append(Interval(first, last, peak, float(score[peak]), float(p[peak]), named))
    return tuple(found)
