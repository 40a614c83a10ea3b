"""The base of estimators that are given an autoencoder: detector, denoiser, classifier."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from sklearn.base import MetaEstimatorMixin, clone
from torch import nn

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.estimators.autoencoder import RECIPE, Autoencoder
from narrows.estimators.base import RunEstimator


class MetaAutoencoder(MetaEstimatorMixin, RunEstimator):  # type: ignore[misc]
    """An estimator with the parameter `autoencoder`, of which `fit` fits a copy, `autoencoder_`."""

    autoencoder: Autoencoder | None
    autoencoder_: Autoencoder

    default_recipe = RECIPE
    """The recipe of an autoencoder that is given none."""

    def set_params(self, **params: Any) -> Self:
        """Set parameters, also of the autoencoder: `autoencoder__latent_dim=4`."""
        inner = any(name.startswith("autoencoder__") for name in params)
        if inner and params.get("autoencoder", self.autoencoder) is None:
            params["autoencoder"] = Autoencoder()
        super().set_params(**params)
        return self

    @property
    def n_features_in_(self) -> int:
        """Columns of a table, or rows of pixels in an image."""
        return self.autoencoder_.n_features_in_

    @property
    def feature_names_in_(self) -> Array:
        """Names of the columns, `(n,)`, of a data frame."""
        return self.autoencoder_.feature_names_in_

    @classmethod
    def load(
        cls, folder: str | Path, *, encoder: nn.Module | None = None, decoder: nn.Module | None = None
    ) -> Self:
        """The estimator whose run is in `folder`, written by Python or the command line.

        Args:
            folder: the run folder.
            encoder: the torch module that the autoencoder was fitted with; its weights are in the folder.
            decoder: likewise.

        Raises:
            InputError: when the folder is not whole, the run is of other modules, or lacks what this
                estimator needs.
        """
        fitted = Autoencoder.load(folder, encoder=encoder, decoder=decoder)
        found = cls(clone(fitted))
        found._take(fitted)
        found._loaded(str(folder))
        return found

    @abstractmethod
    def _loaded(self, where: str) -> None:
        """Set what the run in the folder `where` holds of the estimator's own parameters and attributes."""

    def _unfitted(self) -> Autoencoder:
        """A copy of the given autoencoder, or the default one; for a warm start with the last run."""
        given: Any = Autoencoder() if self.autoencoder is None else self.autoencoder
        if not isinstance(given, Autoencoder):
            name = type(self).__name__
            raise InputError(
                f"The autoencoder of {name} is {given!r}, but must be an Autoencoder; "
                f"write {name}(Autoencoder(latent_dim=8))."
            )
        copy: Autoencoder = clone(given).set_params(recipe=given.recipe or self.default_recipe)
        if copy.warm_start and hasattr(self, "autoencoder_"):
            copy.run_ = self.autoencoder_.run_
        return copy

    def _take(self, fitted: Autoencoder) -> None:
        """Set `autoencoder_`, and `run_` with a config of its own."""
        run = fitted.run_
        self.autoencoder_ = fitted
        self.run_ = replace(run, config={**run.config})
