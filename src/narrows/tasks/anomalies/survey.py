"""Data with their anomaly scores, the threshold, and what explains the highest."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.core.registry import within
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.anomalies.conformal import Threshold, threshold
from narrows.tasks.anomalies.detector import Detector
from narrows.tasks.anomalies.neighbour_score import Floats

TOLD = 3
"""Columns that are named with each row of a table."""

SHOWN = 12
"""Rows that are shown with their explanation."""


class Survey:
    """Data with their scores, the threshold, and what the rows that stand out have to say.

    Args:
        run: what they are compared with.
        data: as they came.
        expect: the share of rows like the training data that may be flagged.
        judge: whether the data's labels say which rows are anomalies.

    Raises:
        InputError: for a run that keeps no rows to compare with, or labels that say nothing of anomalies.
    """

    def __init__(self, run: Run, data: Data, expect: float, *, judge: bool = False) -> None:
        self.run, self.data, self.expect = run, data, within("expect", expect, 0, 1)
        self.truth = truth(data.labels) if judge else None
        self.detector = Detector(run)
        self.scores, self.p = self.detector.find(data.source)
        self.threshold: Threshold = threshold(self.detector.held_out, expect)
        self.flagged = self.scores > self.threshold.score
        self.ids = data.ids or tuple(map(str, range(len(data))))
        self.order = np.argsort(-self.scores, kind="stable")

    @cached_property
    def contributions(self) -> Floats:
        """What each column or pixel adds to the score of each row."""
        return self.detector.contributions(self.data.array)

    @cached_property
    def shown(self) -> Data:
        """The rows with the highest scores, the highest first."""
        return self.data.rows(self.order[:SHOWN])

    @property
    def sentence(self) -> str:
        """How many rows were flagged, and by what standard."""
        n, held_out = len(self.scores), len(self.detector.held_out)
        found = f"{self.flagged.sum():,} of {n:,} rows score above {self.threshold.score:.3f}"
        if self.threshold.largest:
            return (
                f"{found}, the highest of the {held_out:,} rows held out of the fitting; a share of "
                f"{self.expect:g} is less than so few can tell."
            )
        return f"{found}, which {self.expect:g} of the rows like the training data do."

    def columns(self) -> dict[str, Array]:
        """The scores as a table; of tables also the columns that made each."""
        found: dict[str, Array] = {
            "score": self.scores,
            "p": self.p,
            "flagged": self.flagged.astype(np.int64),
        }
        names = np.array(self.run.schema.names)
        if not names.size:
            return found
        share = self.contributions / np.maximum(self.contributions.sum(axis=1), 1e-300)[:, None]
        top = np.argsort(-share, axis=1, kind="stable")[:, :TOLD]
        for i, column in enumerate(top.T, 1):
            part = np.take_along_axis(share, column[:, None], axis=1)[:, 0]
            found[f"column{i}"] = np.where(part > 0, names[column], "")
            found[f"share{i}"] = np.round(part, 4)
        return found

    def record(self) -> dict[str, Any]:
        """What was found, as `anomalies --json` prints it."""
        found = {
            "threshold": self.threshold.score,
            "flagged": int(self.flagged.sum()),
            "n": len(self.scores),
            "expect": self.expect,
            "held_out": len(self.detector.held_out),
            "sentence": self.sentence,
        }
        return found if self.truth is None else {**found, **self.judged}

    @cached_property
    def judged(self) -> dict[str, Any]:
        """How well the labelled anomalies are told, beside the classical methods."""
        assert self.truth is not None
        return judged(self.truth, self.scores, self.detector.yardsticks(self.data.array))


def judged(truth: Array, scores: Floats, others: dict[str, Floats]) -> dict[str, Any]:
    """How well scores tell the anomalies, where `truth (n,)` says which those are."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    return {
        "auroc": float(roc_auc_score(truth, scores)),
        "average_precision": float(average_precision_score(truth, scores)),
        "yardsticks": {name: float(roc_auc_score(truth, other)) for name, other in others.items()},
    }


YES, NO = (
    ("1", "true", "yes", "y", "t", "anomaly", "outlier"),
    ("0", "false", "no", "n", "f", "normal", "inlier"),
)
"""Words for an anomaly and for what is none, in any case."""


def truth(labels: Array | None) -> NDArray[np.bool_]:
    """Which rows are anomalies, as a column of labels says.

    Raises:
        InputError: for labels that are not of two kinds, or whose words do not say which is which.
    """
    if labels is None:
        raise InputError("--label asks how well the anomalies are told, but the data bring no labels.")
    words = np.array([f"{label:g}" if labels.dtype.kind in "buif" else label for label in labels.tolist()])
    lower = np.char.lower(words)
    found = np.isin(lower, YES)
    if not (found | np.isin(lower, NO)).all() or found.all() or not found.any():
        odd = ", ".join(sorted(set(words.tolist()))[:5])
        raise InputError(
            f"--label takes 1, true, yes or anomaly for an anomaly and 0, false, no or normal for the "
            f"others, both of which must occur, but got {odd}."
        )
    return found
