"""Recordings with the anomaly scores of their time steps, the threshold, and the flagged intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.findings import Finding
from narrows.data.examples import Data
from narrows.data.recordings.period import WITHOUT_PERIOD, period
from narrows.data.recordings.recording import Recording, Recordings
from narrows.data.recordings.time_texts import time_texts
from narrows.data.recordings.write import places
from narrows.data.schema import Array
from narrows.evaluation.drift import check_drift
from narrows.evaluation.errors import Floats
from narrows.evaluation.vus import vus_pr
from narrows.runs.run import Run
from narrows.tasks.anomalies.conformal import p_values
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.on_time import Interval, TimeScores, intervals_of
from narrows.tasks.anomalies.survey import anomalous
from narrows.tasks.anomalies.time_detector import TimeDetector
from narrows.tasks.anomalies.traces import Trace
from narrows.training.progress import Counting, uncounted

MOST_CHANNELS, LARGE = 3, 0.5
"""Channels that are named for an interval, at the most: those with at least this share of the largest."""


class TimeSurvey:
    """Recordings with the scores of their time steps, and which are flagged.

    Args:
        run: a run of windows over recordings.
        data: recordings as they came.
        rule: which time steps are flagged.
        judge: whether the labels of the time steps say which are anomalies.
        progress: shows how far the scores are.

    Raises:
        InputError: for a run without reference recordings, or labels that do not say which time steps are
            anomalies.
    """

    def __init__(
        self, run: Run, data: Data, rule: Rule, *, judge: bool = False, progress: Counting = uncounted
    ) -> None:
        assert data.recordings is not None
        self.run, self.data, self.rule = run, data, rule
        self.recordings: Recordings = data.recordings
        self.truth = anomalous(labels_of(self.recordings)) if judge else None
        self.detector = TimeDetector(run, progress, int(self.recordings.lengths.max()))
        self.traces = [self.detector.trace(each.values) for each in self.recordings]
        self.scores = np.concatenate([self.detector.of_trace(each) for each in self.traces])
        self.known = np.isfinite(self.scores)
        self.flags = rule.flag(self.detector, self.scores[self.known])
        self.flagged = np.zeros(len(self.scores), dtype=np.bool_)
        self.flagged[self.known] = self.flags.flagged
        self.p = np.ones(len(self.scores))
        self.p[self.known] = p_values(self.scores[self.known], self.detector.held_out)

    @cached_property
    def found(self) -> tuple[TimeScores, ...]:
        """The scores of each recording, with its intervals."""
        truth = [None] * len(self.recordings) if self.truth is None else self._split(self.truth)
        parts = zip(
            self.recordings, self.traces, *map(self._split, (self.scores, self.p, self.flagged)), truth,
            strict=True,
        )  # fmt: skip
        return tuple(
            TimeScores(
                recording, score, p, flagged, self.flags.threshold,
                self._intervals(of_recording, flagged, score, p), labels,
            )
            for recording, of_recording, score, p, flagged, labels in parts
        )  # fmt: skip

    def _split(self, values: Array) -> list[Array]:
        """Values of all time steps by recording."""
        return np.split(values, np.cumsum(self.recordings.lengths)[:-1])

    def _intervals(
        self, of_recording: Trace, flagged: NDArray[np.bool_], score: Floats, p: Floats
    ) -> tuple[Interval, ...]:
        """The flagged intervals of a recording, with their channels if there are several."""
        found = intervals_of(flagged, score, p)
        if len(self.recordings.channels) == 1 or not found:
            return found
        peaks = np.array([each.peak for each in found])
        shares = self.detector.channel_shares(of_recording, peaks)
        return intervals_of(flagged, score, p, [leading(self.recordings.channels, each) for each in shares])

    @cached_property
    def drift(self) -> Finding | None:
        """A warning if the windows come from elsewhere than those of the training."""
        kept = self.run.evidence.reference
        if kept is None:
            return None
        rows = self.run.schema.as_fitted(self.data.drawn().array, self.run.scaling)
        return check_drift(kept, rows, self.run.schema, np.zeros(0, dtype=np.bool_), self.rule.share)

    def columns(self) -> dict[str, Array]:
        """The scores as a table with one line for each time step; an empty score where no value is near."""
        scores = self.scores.astype(object)
        scores[~self.known] = None
        flagged = self.flagged.astype(np.int64)
        return {**places(self.recordings), "score": scores, "p": self.p, "flagged": flagged}

    def contributions(self) -> dict[str, Array]:
        """What each channel adds at each time step to how unusual windows are, as a table."""
        amounts = np.concatenate([self.detector.contributions(each) for each in self.traces])
        cells = amounts.astype(object)
        cells[np.isnan(amounts)] = None
        return {**places(self.recordings), **dict(zip(self.recordings.channels, cells.T, strict=True))}

    def interval_columns(self) -> dict[str, Array]:
        """The flagged intervals as a table, one line for each, in order of time."""
        rows = [(each, interval) for each in self.found for interval in each.intervals]
        several = {self.recordings.id_name: [each.recording.name for each, _ in rows]}
        columns: dict[str, list[Any]] = {
            **(several if len(self.recordings) > 1 else {}),
            "start": [self._time(each.recording, interval.first) for each, interval in rows],
            "end": [self._time(each.recording, interval.last) for each, interval in rows],
            "peak": [self._time(each.recording, interval.peak) for each, interval in rows],
            "score": [interval.score for _, interval in rows],
            "p": [interval.p for _, interval in rows],
            "channels": [", ".join(interval.channels or self.recordings.channels) for _, interval in rows],
        }
        return {name: np.array(cells, dtype=object) for name, cells in columns.items()}

    def _time(self, recording: Recording, step: int) -> Any:
        """The time of a step as in the file; the number of the step where no times are known."""
        if recording.times is None:
            return step
        return time_texts(recording.times[step : step + 1], self.recordings.axis)[0]

    def record(self) -> dict[str, Any]:
        """The results as `anomalies --json` prints them."""
        results = {
            "threshold": self.flags.threshold,
            "flagged": int(self.flagged.sum()),
            "n": len(self.scores),
            "expect": self.rule.share,
            "held_out": len(self.detector.held_out),
            "n_intervals": sum(len(each.intervals) for each in self.found),
            "window": self.detector.length,
            "stride": self.detector.stride(int(self.recordings.lengths.max())),
            "sentence": self.flags.sentence,
        }
        return results if self.truth is None else {**results, **self.judged}

    @cached_property
    def judged(self) -> dict[str, Any]:
        """AUROC, average precision and VUS-PR by the labels, beside those of the classical methods."""
        from sklearn.metrics import average_precision_score

        assert self.truth is not None
        each = [self.detector.baselines(of_recording) for of_recording in self.traces]
        baselines = {name: np.concatenate([of[name] for of in each]) for name in each[0]}
        return {
            **self._quality(self.scores),
            "average_precision": float(
                average_precision_score(self.truth[self.known], self.scores[self.known])
            ),
            "yardsticks": {name: self._quality(scores) for name, scores in baselines.items()},
        }

    def _quality(self, scores: Floats) -> dict[str, float | None]:
        """AUROC over all time steps, and the mean VUS-PR of recordings with anomalies and usual steps."""
        from sklearn.metrics import roc_auc_score

        assert self.truth is not None
        volumes = list(self._volumes(scores))
        return {
            "auroc": float(roc_auc_score(self.truth[self.known], scores[self.known])),
            "vus_pr": float(np.mean(volumes)) if volumes else None,
        }

    def _volumes(self, scores: Floats) -> Iterator[float]:
        """VUS-PR of each recording that has both; the longest buffer is the period, as of windows."""
        parts = zip(self.recordings, *map(self._split, (self.truth, self.known, scores)), strict=True)
        for recording, truth, known, of_steps in parts:
            if truth[known].any() and not truth[known].all():
                longest = period(recording.values) or WITHOUT_PERIOD
                yield vus_pr(truth[known], of_steps[known], longest)


def labels_of(recordings: Recordings) -> Array | None:
    """The labels of all time steps, `(steps,)`; None if a recording has none."""
    labels = [each.labels for each in recordings if each.labels is not None]
    return np.concatenate(labels) if len(labels) == len(recordings) else None


def leading(channels: Sequence[str], shares: Floats) -> tuple[str, ...]:
    """The channels with the largest `shares (channels,)`, the largest first."""
    order = np.argsort(-shares, kind="stable")[:MOST_CHANNELS]
    return tuple(channels[i] for i in order if shares[i] >= LARGE * shares.max())
