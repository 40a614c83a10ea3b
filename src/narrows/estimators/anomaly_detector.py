"""A detector of anomalies as a scikit-learn estimator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import OutlierMixin
from torch import nn

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.estimators.autoencoder import Autoencoder, Half, Part
from narrows.tasks.anomalies.conformal import p_values, threshold
from narrows.tasks.anomalies.detector import Detector

if TYPE_CHECKING:
    from pandas import DataFrame

EXPECTED = 0.01
"""The share of rows like those that were learned which are taken for anomalies where nothing else is said."""


class AnomalyDetector(OutlierMixin, Autoencoder):  # type: ignore[misc]
    """Learn what rows are like, and find those that do not belong.

    It may be fitted to rows without anomalies, or to a table that holds them unmarked. A row is compared
    with the others as it is and as the model sees it; see `narrows.tasks.anomalies.detector`.

    Args:
        latent_dim: as for `Autoencoder`, like all that follow up to `verbose`.
        contamination: the share of the rows given to `fit` that are anomalies; "auto" asks for none: of rows
            like those that were learned a hundredth is then taken for anomalies, as measured on rows
            held out of the fitting.
        recipe: a name that `narrows recipes` lists.
        corruption: a part.
        encoder: a part, or a module of your own.
        bottleneck: a part.
        decoder: as encoder.
        output: a part.
        loss: a part.
        penalties: a list of parts.
        training: options of `narrows.training.loop.Training`.
        kind: "images" or "table"; None infers it.
        image_shape: (height, width[, channels]) of images that come flat.
        device: "auto", or a torch device.
        random_state: the same number gives the same model; None draws one.
        warm_start: whether another fit begins with the weights of the one before.
        verbose: 1 prints a line per epoch to stderr.

    Attributes:
        offset_: what `score_samples` is below for an anomaly.

    Example:
        >>> import numpy as np
        >>> from narrows import AnomalyDetector
        >>> t = np.random.default_rng(0).uniform(-1, 1, (200, 1))
        >>> X = np.hstack([t, t**2, np.cos(3 * t)])
        >>> detector = AnomalyDetector(training={"epochs": 5}).fit(X)
        >>> detector.predict([[0.5, 0.25, np.cos(1.5)], [0.5, -3.0, np.cos(1.5)]]).tolist()
        [1, -1]
    """

    def __init__(
        self,
        latent_dim: int | None = None,
        *,
        contamination: float | Literal["auto"] = "auto",
        recipe: str = "autoencoder",
        corruption: Part = None,
        encoder: Half = None,
        bottleneck: Part = None,
        decoder: Half = None,
        output: Part = None,
        loss: Part = None,
        penalties: list[dict[str, Any]] | None = None,
        training: dict[str, Any] | None = None,
        kind: str | None = None,
        image_shape: tuple[int, ...] | None = None,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = 0,
        warm_start: bool = False,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            latent_dim,
            recipe=recipe,
            corruption=corruption,
            encoder=encoder,
            bottleneck=bottleneck,
            decoder=decoder,
            output=output,
            loss=loss,
            penalties=penalties,
            training=training,
            kind=kind,
            image_shape=image_shape,
            device=device,
            random_state=random_state,
            warm_start=warm_start,
            verbose=verbose,
        )
        self.contamination = contamination

    def fit(self, X: Array | DataFrame | Any, y: Any = None) -> Self:
        """Fit to `X (n, columns)`, or images `(n, height, width[, channels])`, as `Autoencoder` does.

        Args:
            X: rows of which none, or few, are anomalies.
            y: not used.
        """
        share = self.contamination
        if share != "auto" and not (isinstance(share, (int, float)) and 0 < share <= 0.5):
            raise InputError(f"The contamination is 'auto' or a share up to 0.5, but got {share!r}.")
        super().fit(X)
        if share != "auto":
            self.offset_ = float(np.percentile(self.score_samples(X), 100 * share))
            self.run_.config |= {"contamination": float(share), "offset": self.offset_}
        return self

    def _fitted(self) -> Self:
        self.detector_ = Detector(self.run_)
        usual = -threshold(self.detector_.held_out, EXPECTED).score
        self.offset_ = float(self.run_.config.get("offset", usual))
        return super()._fitted()

    def score_samples(self, X: Array | DataFrame) -> Array:
        """How normal each row of `X` is, `(n,)`: minus its score of anomalies."""
        run = self._run()
        assert run is self.detector_.run
        return -self.detector_.scores(self._values(X))

    def decision_function(self, X: Array | DataFrame) -> Array:
        """`score_samples` of `X` less `offset_`, `(n,)`: below 0 for anomalies."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Array | DataFrame) -> Array:
        """-1 for the rows of `X` that are anomalies and 1 for the others, `(n,)`."""
        return np.where(self.decision_function(X) < 0, -1, 1)

    def p_values(self, X: Array | DataFrame) -> Array:
        """How probable a score as high as that of each row of `X` is for rows like the held-out, `(n,)`.

        Who takes the rows with a p-value of at most 0.05 for anomalies is wrong about one in twenty of
        the others.
        """
        return p_values(-self.score_samples(X), self.detector_.held_out)

    def contributions(self, X: Array | DataFrame) -> Array:
        """What each column of `X` adds to the score of its row, `(n, columns)`; of images each pixel.

        Of images the shape is `(n, height, width)`. Rows whose score is below 0 have nothing to explain.
        """
        self._run()
        return self.detector_.contributions(self._values(X))

    @classmethod
    def load(
        cls, folder: str | Path, *, encoder: nn.Module | None = None, decoder: nn.Module | None = None
    ) -> Self:
        """The detector of the run in `folder`, whoever wrote it, with the threshold that it had.

        Args:
            folder: the run folder.
            encoder: the module of your own that it was fitted with.
            decoder: likewise.

        Raises:
            InputError: when the folder is not whole, or the run keeps no rows to compare others with.
        """
        found = super().load(folder, encoder=encoder, decoder=decoder)
        found.contamination = found.run_.config.get("contamination", "auto")
        return found
