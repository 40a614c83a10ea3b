"""Autoencoders as scikit-learn estimators: `__init__` stores, `fit` thinks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from narrows.data.kinds import Array
from narrows.data.readers import as_data, from_table
from narrows.data.tables import from_frame, to_frame
from narrows.fitting import fit
from narrows.progress import Progress
from narrows.report import documents, render
from narrows.run import Run
from narrows.tasks.sample import sample
from narrows.yardsticks import errors

if TYPE_CHECKING:
    from pandas import DataFrame

Part = str | dict[str, Any] | None
"""A part by name, `"gaussian"`, or with options, `{"name": "gaussian", "std": 0.3}`; None leaves the
recipe's."""


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Compress data to short codes and come back.

    What is not given is read off the data: the kind from the number of axes, the scaling and the
    loss from the values, the network from the kind, the epochs from the number of rows.

    Args:
        latent_dim: numbers in a code; None takes an eighth of the values, from 2 to 16.
        recipe: a name that `narrows recipes` lists.
        corruption: a part, as all that follow up to `loss`: its name, or a dict with its options.
        encoder: as corruption.
        bottleneck: as corruption.
        decoder: as corruption; None mirrors the encoder.
        loss: as corruption.
        penalties: a list of dicts, each with a name and a weight.
        training: options of `narrows.train.Training`, as `{"epochs": 20}`.
        kind: "images" or "table"; None infers it.
        device: "auto", or a torch device.
        random_state: the same number gives the same model; None draws one.
        verbose: 1 prints a line per epoch to stderr.

    Attributes:
        run_: the fitted run: the model with its scaling, history and metrics.
        verdict_: in words, whether it beats PCA on rows held out of the training.
        n_features_in_: numbers in one example.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> from narrows import Autoencoder
        >>> X = load_digits().images
        >>> ae = Autoencoder(latent_dim=4, training={"epochs": 2}).fit(X)
        >>> ae.transform(X).shape, ae.reconstruct(X).shape
        ((1797, 4), (1797, 8, 8))
    """

    def __init__(
        self,
        latent_dim: int | None = None,
        *,
        recipe: str = "autoencoder",
        corruption: Part = None,
        encoder: Part = None,
        bottleneck: Part = None,
        decoder: Part = None,
        loss: Part = None,
        penalties: list[dict[str, Any]] | None = None,
        training: dict[str, Any] | None = None,
        kind: str | None = None,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = 0,
        verbose: int = 0,
    ) -> None:
        self.latent_dim = latent_dim
        self.recipe = recipe
        self.corruption = corruption
        self.encoder = encoder
        self.bottleneck = bottleneck
        self.decoder = decoder
        self.loss = loss
        self.penalties = penalties
        self.training = training
        self.kind = kind
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Array | DataFrame, y: Any = None) -> Self:
        """Fit to `X (n, columns)`, or images `(n, height, width[, channels])`; `y` is ignored.

        A pandas data frame may have columns of numbers, booleans and categories, and missing cells.

        A tenth of the rows (of few rows up to a fifth) chooses the best epoch, and as many are
        held out for the verdict.

        Raises:
            InputError: for data or choices that cannot be used, with the reason.
            TrainingError: when training breaks down.
        """
        frame = hasattr(X, "iloc")
        data = from_table(from_frame(X, "X"), "X") if frame else as_data(np.asanyarray(X), self.kind, "X")
        parts = ("corruption", "encoder", "bottleneck", "decoder", "loss", "penalties")
        overrides = {part: getattr(self, part) for part in parts if getattr(self, part) is not None}
        with Progress(quiet=not self.verbose) as progress:
            self.run_ = fit(
                data,
                recipe=self.recipe,
                latent_dim=self.latent_dim,
                overrides={**overrides, "training": self.training},
                seed=seed_of(self.random_state),
                device=self.device,
                on_epoch=progress,
            )
        return self._fitted()

    def _fitted(self) -> Self:
        self.verdict_ = self.run_.unfinished or self.run_.metrics["verdict"]["sentence"]
        self.n_features_in_ = int(np.prod(self.run_.schema.shape))
        self._n_features_out = self.run_.model.code_size
        return self

    def transform(self, X: Array | DataFrame) -> Array:
        """Codes `(n, latent_dim)` of `X`, float32, the same each time (a VAE's posterior mean)."""
        return self._run().encode(self._values(X))

    def inverse_transform(self, Z: Array) -> Array | DataFrame:
        """Data `(n, …)` of codes `Z (n, latent_dim)`, on the scale and in the type of the data."""
        return self._like_data(self._run().decode(Z))

    def reconstruct(self, X: Array | DataFrame) -> Array | DataFrame:
        """What is left of `X` after the bottleneck: same shape, type and range, and no cell missing."""
        return self._like_data(self._run().reconstruct(self._values(X)), getattr(X, "index", None))

    def sample(self, n: int = 1, random_state: int | None = None) -> Array | DataFrame:
        """`n` new examples; a model without a prior draws codes from a density of the codes."""
        seed = seed_of(self.random_state if random_state is None else random_state)
        return self._like_data(sample(self._run(), n, seed)[0])

    def score_samples(self, X: Array | DataFrame) -> Array:
        """Minus the mean squared error `(n,)` of each row, on the model's scale: higher is more normal."""
        run = self._run()
        X = self._values(X)
        found = errors(run.scaled(X), run.reconstruct_scaled(X), run.schema.starts)
        return -found.squared / np.maximum(found.values, 1)

    def score(self, X: Array | DataFrame, y: Any = None) -> float:
        """Share of the variance of `X` that survives the bottleneck: 1 is perfect, 0 is the mean."""
        run, X = self._run(), self._values(X)
        x = run.scaled(X)
        found = errors(x, run.reconstruct_scaled(X), run.schema.starts)
        spread = errors(x, np.broadcast_to(np.nanmean(x, axis=0), x.shape), run.schema.starts)
        if not spread.mse:
            return 1.0 if found.mse < 1e-12 else 0.0
        return 1 - found.mse / spread.mse

    def save(self, folder: str | Path) -> Path:
        """Write the run folder, with its report."""
        self._run().save(Path(folder), documents(self._run()))
        return Path(folder)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The estimator whose run is in `folder`, whoever wrote it."""
        run = Run.load(Path(folder))
        chosen = {key: run.config[key] for key in ("recipe", "training")}
        estimator = cls(run.model.code_size, random_state=run.config["seed"], **chosen, **run.config["spec"])
        estimator.run_ = run
        return estimator._fitted()

    def report(self) -> str:
        """The report of the fitted model as one page of HTML."""
        return render(self._run())

    def _values(self, X: Array | DataFrame) -> Array:
        """`X` as numbers, its columns found by name if it is a data frame."""
        schema = self._run().schema
        return from_frame(X, "X").read_as(schema.columns) if hasattr(X, "iloc") and schema.columns else X

    def _like_data(self, values: Array, index: Any = None) -> Array | DataFrame:
        """`values` as the data were that the model was fitted to: a data frame where they held words."""
        schema = self._run().schema
        return to_frame(values, schema, index) if schema.worded or index is not None else values

    def _run(self) -> Run:
        check_is_fitted(self, "run_")
        return self.run_


def seed_of(random_state: int | np.random.RandomState | None) -> int:
    """scikit-learn's ways to say how random something is, as one number."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))
