"""Data with their anomaly scores, the threshold, and the contributions to the highest scores."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.core.findings import Finding
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.drift import check_drift
from narrows.evaluation.errors import Floats
from narrows.runs.run import Run
from narrows.tasks.anomalies.detector import Detector
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.pixel_survey import PixelSurvey
from narrows.tasks.anomalies.places import FAR, in_words, places
from narrows.training.progress import Counting, uncounted

TOP_COLUMNS = 3
"""Columns that are named for each row of a table: those that contribute most."""

SHOWN = 12
"""Rows that are shown with their contributions, at the most."""


class Survey:
    """Data with their anomaly scores, and which rows are flagged.

    Args:
        run: the run whose reference rows they are compared with.
        data: rows as they came.
        rule: which rows are flagged.
        judge: whether the data's labels say which rows are anomalies.
        explain: whether the contributions to all scores are wanted; those of columns to the scores of the
            `told` rows always are.
        progress: shows how far the scores are.

    Raises:
        InputError: for a run without reference rows, or labels that do not say which rows are anomalies.
    """

    def __init__(
        self,
        run: Run,
        data: Data,
        rule: Rule,
        *,
        judge: bool = False,
        explain: bool = False,
        progress: Counting = uncounted,
    ) -> None:
        self.run, self.data, self.rule = run, data, rule
        self.truth = anomalous(data.labels) if judge else None
        self.detector = Detector(run, progress)
        score = self.detector.explained if explain and self.pixels is None else self.detector.scored
        self.scores, self.p, *rest = score(data.source)
        self._contributions = rest
        self.flags = rule.flag(self.detector, self.scores)
        self.flagged = self.flags.flagged
        self.ids = data.ids or tuple(map(str, range(len(data))))
        self.order = np.argsort(-self.scores, kind="stable")

    @cached_property
    def places(self) -> Array:
        """Where each row lies beside usual ones, `(n,)`: far outside, at the edge or among them."""
        return places(self.detector, self.data.source, self.scores, self.rule.share)

    @cached_property
    def places_sentence(self) -> str:
        """How many of the flagged rows lie where; nothing where none is flagged."""
        return in_words(self.places, self.flagged, self.detector)

    @property
    def contributions(self) -> Floats:
        """What each column or pixel adds to the score of each row, `(n, …)`, if that was wanted."""
        (found,) = self._contributions
        return found

    @cached_property
    def told(self) -> Index:
        """The numbers of rows whose columns are named: all if explained, else those flagged or shown."""
        if self._contributions:
            return np.arange(len(self.scores))
        return np.union1d(np.flatnonzero(self.flagged), self.order[:SHOWN])

    @cached_property
    def pixels(self) -> PixelSurvey | None:
        """The scores of pixels, of patches of images; None for other data."""
        if self.data.patches is None or self.run.schema.spatial != 2:
            return None
        return PixelSurvey(self.run, self.data, self.rule.share)

    @cached_property
    def shown(self) -> Data:
        """The rows with the highest scores, the highest first."""
        return self.data.rows(self.order[:SHOWN])

    @cached_property
    def drift(self) -> Finding | None:
        """A warning if the rows come from elsewhere than those of the training."""
        rows = self.data.drawn().array
        fitted = self.run.schema.as_fitted(rows, self.run.scaling)
        return check_drift(self.detector.kept, fitted, self.run.schema, self.flagged, self.rule.share)

    def columns(self) -> dict[str, Array]:
        """The scores as a table; if the data have named columns, also those that contribute most."""
        table: dict[str, Array] = {
            "score": self.scores,
            "p": self.p,
            "flagged": self.flagged.astype(np.int64),
            "place": self.places,
        }
        names = np.array(self.run.schema.names)
        if not names.size:
            return table
        found = self._contributions or [self.detector.contributions(self.data.rows(self.told).array)]
        return table | spread(top_columns(found[0], names), self.told, len(self.scores))

    def record(self) -> dict[str, Any]:
        """The results as `anomalies --json` prints them."""
        results = {
            "threshold": self.flags.threshold,
            "flagged": int(self.flagged.sum()),
            "n": len(self.scores),
            "expect": self.rule.share,
            "held_out": len(self.detector.held_out),
            "far_outside": int((self.flagged & (self.places == FAR)).sum()),
            "sentence": self.flags.sentence,
        }
        if self.pixels is not None and self.pixels.shown:
            least = self.pixels.least if self.pixels.found else None
            results |= {"places_found": self.pixels.found, "pixel_threshold": least}
        return results if self.truth is None else {**results, **self.judged}

    @cached_property
    def judged(self) -> dict[str, Any]:
        """AUROC and average precision by the labels, beside the AUROC of the classical methods."""
        from sklearn.metrics import average_precision_score, roc_auc_score

        assert self.truth is not None
        baselines = self.detector.baselines(self.data.array)
        return {
            "auroc": float(roc_auc_score(self.truth, self.scores)),
            "average_precision": float(average_precision_score(self.truth, self.scores)),
            "yardsticks": {name: float(roc_auc_score(self.truth, x)) for name, x in baselines.items()},
        }


def top_columns(contributions: Floats, names: Array) -> dict[str, Array]:
    """The columns that contribute most to the score of each row, and their shares of it.

    Args:
        contributions: `(n, columns)`.
        names: `(columns,)`.

    Returns:
        "column1", "share1" and so on, `(n,)` each; a column that contributes nothing has no name.
    """
    table: dict[str, Array] = {}
    shares = contributions / np.maximum(contributions.sum(axis=1), 1e-300)[:, None]
    order = np.argsort(-shares, axis=1, kind="stable")[:, :TOP_COLUMNS]
    for i, column in enumerate(order.T, 1):
        share = np.take_along_axis(shares, column[:, None], axis=1)[:, 0]
        table[f"column{i}"] = np.where(share > 0, names[column], "")
        table[f"share{i}"] = np.round(share, 4)
    return table


def spread(columns: dict[str, Array], rows: Index, n: int) -> dict[str, Array]:
    """`columns` of the `rows` of a table of `n` rows; others have no name and no share.

    >>> spread({"column1": np.array(["a"])}, np.array([1]), 3)["column1"].tolist()
    ['', 'a', '']
    """
    table = {}
    for name, values in columns.items():
        table[name] = np.full(n, np.nan if values.dtype.kind == "f" else "", dtype=values.dtype)
        table[name][rows] = values
    return table


YES, NO = (
    ("1", "true", "yes", "y", "t", "anomaly", "outlier"),
    ("0", "false", "no", "n", "f", "normal", "inlier"),
)
"""Labels of anomalies and of other rows, in any case."""


def anomalous(labels: Array | None) -> NDArray[np.bool_]:
    """Which rows are anomalies, as a column of labels says.

    Raises:
        InputError: for labels other than `YES` and `NO`, or of one kind only.
    """
    if labels is None:
        raise InputError("--label names the labels to judge the scores by, but the data bring no labels.")
    words = np.array([f"{label:g}" if labels.dtype.kind in "buif" else label for label in labels.tolist()])
    lower = np.char.lower(words)
    positive = np.isin(lower, YES)
    if not (positive | np.isin(lower, NO)).all() or positive.all() or not positive.any():
        got = ", ".join(sorted(set(words.tolist()))[:5])
        raise InputError(
            f"--label takes 1, true, yes or anomaly for an anomaly and 0, false, no or normal for the "
            f"others, both of which must occur, but got {got}."
        )
    return positive
