"""A detector of anomalies as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import OutlierMixin

from narrows.core.errors import InputError
from narrows.data.recordings.recording import Loaded
from narrows.data.schema import Array
from narrows.estimators.autoencoder import Autoencoder
from narrows.estimators.containers import checked, values
from narrows.estimators.meta import MetaAutoencoder
from narrows.estimators.recordings import examples_of
from narrows.evaluation.drift import check_drift
from narrows.tasks.anomalies.conformal import p_values, threshold
from narrows.tasks.anomalies.detector import Detector
from narrows.tasks.anomalies.flagging import EXPECTED, Rule
from narrows.tasks.anomalies.on_time import TimeScores
from narrows.tasks.anomalies.time_survey import TimeSurvey

if TYPE_CHECKING:
    from pandas import DataFrame


class AnomalyDetector(OutlierMixin, MetaAutoencoder):  # type: ignore[misc]
    """Fit an autoencoder, and flag the rows that are unlike those it was fitted to.

    It may be fitted to rows without anomalies, or to a table that holds them unmarked. A row is compared
    with the kept training rows as it is and as the model reconstructs it; see
    `narrows.tasks.anomalies.detector`.

    Args:
        autoencoder: an `Autoencoder`, of which a copy is fitted; None takes `Autoencoder()`.
        contamination: the share of the rows given to `fit` that are anomalies, at most 0.5; "auto" flags a
            hundredth of rows like the training data, as measured on rows held out of the fitting.

    Attributes:
        autoencoder_: the fitted autoencoder.
        detector_: the fitted scores.
        offset_: what `score_samples` is below for an anomaly.
        run_: the fitted run, with the threshold.
        verdict_: whether the autoencoder beats PCA on held-out rows, as a sentence.

    Example:
        >>> import numpy as np
        >>> from narrows import AnomalyDetector, Autoencoder
        >>> t = np.random.default_rng(0).uniform(-1, 1, (200, 1))
        >>> X = np.hstack([t, t**2, np.cos(3 * t)])
        >>> detector = AnomalyDetector(Autoencoder(epochs=5)).fit(X)
        >>> detector.predict([[0.5, 0.25, np.cos(1.5)], [0.5, -3.0, np.cos(1.5)]]).tolist()
        [1, -1]
    """

    def __init__(
        self, autoencoder: Autoencoder | None = None, *, contamination: float | Literal["auto"] = "auto"
    ) -> None:
        self.autoencoder = autoencoder
        self.contamination = contamination

    def fit(self, X: Array | DataFrame | Any, y: Any = None) -> Self:
        """Fit to `X (n, columns)`, or images `(n, height, width[, channels])`, as `Autoencoder` does.

        Args:
            X: rows of which none, or few, are anomalies.
            y: not used.

        Raises:
            InputError: for data or choices that cannot be used, with the reason.
            TrainingError: when training breaks down.
        """
        share = self.contamination
        if share != "auto" and not (isinstance(share, (int, float)) and 0 < share <= 0.5):
            raise InputError(f"The contamination is 'auto' or a share up to 0.5, but got {share!r}.")
        self._take(self._unfitted().fit(X))
        if share != "auto":
            self.offset_ = float(np.percentile(self.score_samples(X), 100 * share))
            self.run_.config = {**self.run_.config, "contamination": float(share), "offset": self.offset_}
        return self

    def _take(self, fitted: Autoencoder) -> None:
        super()._take(fitted)
        self.detector_ = Detector(self.run_)
        usual = -threshold(self.detector_.held_out, EXPECTED).score
        self.offset_ = float(self.run_.config.get("offset", usual))

    def _loaded(self, where: str) -> None:
        self.contamination = self.run_.config.get("contamination", "auto")

    def score_samples(self, X: Array | DataFrame) -> Array:
        """How normal each row of `X` is, `(n,)`: minus its anomaly score."""
        self._run()
        return -self.detector_.scores(values(self.autoencoder_, X, "far"))

    def decision_function(self, X: Array | DataFrame) -> Array:
        """`score_samples` of `X` less `offset_`, `(n,)`: below 0 for anomalies."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Array | DataFrame) -> Array:
        """-1 for the rows of `X` that are anomalies and 1 for the others, `(n,)`.

        A `UserWarning` says if columns of `X` lie elsewhere than in the training, or most rows are flagged.
        """
        self._run()
        rows = values(self.autoencoder_, X, "far")
        flagged = -self.detector_.scores(rows) < self.offset_
        self._warn_of_drift(rows, flagged)
        return np.where(flagged, -1, 1)

    def _warn_of_drift(self, rows: Array, flagged: NDArray[np.bool_]) -> None:
        expect = EXPECTED if self.contamination == "auto" else self.contamination
        fitted = self.run_.schema.as_fitted(rows, self.run_.scaling)
        found = check_drift(self.detector_.kept, fitted, self.run_.schema, flagged, expect)
        if found is not None:
            warnings.warn(found.sentence, UserWarning, stacklevel=3)

    def p_values(self, X: Array | DataFrame) -> Array:
        """The p-value of each row of `X`, `(n,)`: how probable a score as high is for a held-out row.

        Of rows like the training data at most a share of 0.05 has a p-value of at most 0.05.
        """
        return p_values(-self.score_samples(X), self.detector_.held_out)

    def time_scores(self, X: Any) -> tuple[TimeScores, ...]:
        """The scores of the time steps of recordings `X`, of each recording with its flagged intervals.

        The detector was fitted to windows over recordings, as `Autoencoder(kind="sequences", window=48)` cuts
        them; `X` is what `fit` takes.

        Raises:
            InputError: for other data than recordings, and for a detector that was not fitted to windows.
        """
        run = self._run()
        found = checked(self.autoencoder_, X, reset=False)
        data = examples_of(found, self.autoencoder_, run) if isinstance(found, Loaded) else None
        if data is None or data.window is None:
            raise InputError("Scores on time are of windows over recordings: fit with kind and window.")
        share = None if self.contamination == "auto" else self.contamination
        return TimeSurvey(run, data, Rule(contaminated=share)).found

    def contributions(self, X: Array | DataFrame) -> Array:
        """What each column of `X` adds to the score of its row, `(n, columns)`; of images each pixel.

        Of images the shape is `(n, height, width)`. The sum over a row is its anomaly score.
        """
        self._run()
        return self.detector_.contributions(values(self.autoencoder_, X, "far"))
