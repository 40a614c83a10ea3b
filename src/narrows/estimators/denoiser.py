"""A denoiser as a scikit-learn transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags

from narrows.core.errors import InputError
from narrows.data.readers import Reading, cut_array
from narrows.data.schema import Array
from narrows.estimators.autoencoder import Autoencoder
from narrows.estimators.containers import checked, like_data, values, warn_of_range
from narrows.estimators.lists import shape_of
from narrows.estimators.meta import MetaAutoencoder
from narrows.evaluation.errors import explained_variance
from narrows.tasks.restoration.denoise import denoise

if TYPE_CHECKING:
    from pandas import DataFrame


class Denoiser(OneToOneFeatureMixin, TransformerMixin, MetaAutoencoder):  # type: ignore[misc]
    """Learn from clean data to remove noise from others.

    It adds the noise itself, as the autoencoder's corruption says. Tables and small images are
    reconstructed from a short code; of larger images, or patches of them, a network without a bottleneck
    learns the noise, and takes images of any size.

    Args:
        autoencoder: an `Autoencoder`, of which a copy is fitted; None takes `Autoencoder()`. One without a
            recipe takes "denoising". Its corruption is the noise, on the model's scale: of images with a
            range from 0 to 1, of columns in standard deviations; as `{"name": "gaussian", "std": 0.1}`.
        patch: side of the square patches that images are cut into for training, in pixels; None cuts none.

    Attributes:
        autoencoder_: the fitted autoencoder.
        run_: the fitted run.
        verdict_: whether the autoencoder beats PCA on held-out rows, as a sentence.

    Example:
        >>> import numpy as np
        >>> from sklearn.datasets import load_digits
        >>> from narrows import Autoencoder, Denoiser
        >>> X = load_digits().images
        >>> noisy = X + np.random.default_rng(0).normal(0, 4, X.shape)
        >>> found = Denoiser(Autoencoder(training={"epochs": 20})).fit(X).transform(noisy)
        >>> bool(((found - X) ** 2).mean() < 0.5 * ((noisy - X) ** 2).mean())
        True
    """

    default_recipe = "denoising"

    def __init__(self, autoencoder: Autoencoder | None = None, *, patch: int | None = None) -> None:
        self.autoencoder = autoencoder
        self.patch = patch

    def fit(self, X: Array | DataFrame | Any, y: Any = None) -> Self:
        """Fit to clean `X (n, columns)`, or images `(n, height, width[, channels])`.

        Args:
            X: as for `Autoencoder`; with `patch` images of any size above it.
            y: labels `(n,)`, which colour pictures; no clean images, which are `X` itself.

        Raises:
            InputError: for clean images as `y`, and for data or choices that cannot be used, with the reason.
            TrainingError: when training breaks down.
        """
        check_no_target(X, y)
        unfitted = self._unfitted()
        if self.patch is None:
            self._take(unfitted.fit(X, y))
        else:
            patches = cut_array(checked(unfitted, X, reset=True), "X", Reading(patch=self.patch))
            self._take(unfitted._fit_examples(patches, reading={"patch": self.patch}))
        return self

    def _loaded(self, where: str) -> None:
        self.patch = self.run_.config.get("reading", {}).get("patch")

    def transform(self, X: Array | DataFrame) -> Array | DataFrame:
        """`X` without its noise: the same shape and type; images of any size if the network takes them."""
        run = self._run()
        if run.schema.spatial == 2:
            images = values(self.autoencoder_, X)
            made = np.stack([denoise(run, image) for image in images])
            warn_of_range(run, images, made)
            return like_data(self.autoencoder_, made)
        return self.autoencoder_.reconstruct(X)

    def score(self, X: Array | DataFrame, y: Any = None) -> float:
        """Share of the variance of clean `X` that is restored after the corruption of the training.

        1 is perfect, 0 is the mean. The corruption is the same each time.
        """
        run = self._run()
        X = values(self.autoencoder_, X)
        if self.patch is not None:
            X = cut_array(X, "X", Reading(patch=self.patch)).array
        return explained_variance(run.scaled(X), run.restored(X), run.schema.starts)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def check_no_target(X: Any, y: Any) -> None:
    """Refuse `y` of examples beside noisy `X`: a denoiser is fitted to clean data only.

    Raises:
        InputError: with what to write instead.
    """
    shape = shape_of(y)
    if len(shape) > 2 or (len(shape) == 2 and shape == shape_of(X)):
        raise InputError(
            "A Denoiser is fitted to clean data alone and adds the noise itself, but it got y, too, with "
            "examples: write fit(clean), with noise like yours, as Denoiser(Autoencoder(corruption={'name': "
            "'gaussian', 'std': 0.1})), and then transform(noisy)."
        )
