"""A denoiser as a scikit-learn transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from torch.utils.data import Dataset

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.sources.torch_dataset import from_pairs
from narrows.estimators.autoencoder import Autoencoder
from narrows.estimators.containers import (
    as_examples,
    checked,
    like_data,
    values,
    warn_of_range,
)
from narrows.estimators.meta import MetaAutoencoder
from narrows.estimators.pairs import check_paired, frames, is_paired, pairs
from narrows.evaluation.errors import explained_variance
from narrows.model.recipes import FRAMES
from narrows.tasks.restoration.denoise import denoise

if TYPE_CHECKING:
    from pandas import DataFrame


class Denoiser(OneToOneFeatureMixin, TransformerMixin, MetaAutoencoder):  # type: ignore[misc]
    """Learn from clean data, or from pairs of noisy and clean ones, to remove noise from others.

    From clean data alone it adds the noise itself, as the autoencoder's corruption says. Tables and small
    images are reconstructed from a short code; of larger images, or patches of them, a network without a
    bottleneck learns the noise, and takes images of any size.

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
        >>> found = Denoiser(Autoencoder(epochs=20)).fit(X).transform(noisy)
        >>> bool(((found - X) ** 2).mean() < 0.5 * ((noisy - X) ** 2).mean())
        True
    """

    default_recipe = "denoising"

    def __init__(self, autoencoder: Autoencoder | None = None, *, patch: int | None = None) -> None:
        self.autoencoder = autoencoder
        self.patch = patch

    def fit(self, X: Array | DataFrame | Any, y: Any = None) -> Self:
        """Fit to clean `X (n, columns)`, or images `(n, height, width[, channels])`.

        Or fit to pairs, `fit(noisy, clean)`: the network learns to make `clean` of `noisy`, and adds noise of
        its own only if the autoencoder has a corruption. The verdict compares it with the noisy input, the
        best linear filter, and for images Gaussian and median filters.

        Args:
            X: as for `Autoencoder`; with `patch` images of any size above it; of pairs the noisy ones.
            y: labels `(n,)`, which colour pictures; or the clean examples of a noisy `X`, of its shape.

        Raises:
            InputError: for pairs of several shapes, and for data or choices that cannot be used, with the
                reason.
            TrainingError: when training breaks down.
        """
        if isinstance(X, Dataset) and y is None:
            X, y = from_pairs(X)
        unfitted = self._unfitted()
        if unfitted.recipe in FRAMES and not is_paired(X, y):
            data, y = frames(unfitted, X, self.patch), None
        elif is_paired(X, y):
            data, y = pairs(unfitted, X, y, self.patch), None
        else:
            data = examples(unfitted, checked(unfitted, X, reset=True), self.patch)
        self._take(unfitted._fit_examples(data, y))
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

        1 is perfect, 0 is the mean. The corruption is the same each time. Of pairs, `score(noisy, clean)`, it
        is the share of the variance of the clean ones.

        Raises:
            InputError: for clean `X` alone, if the denoiser was fitted to pairs.
        """
        run = self._run()
        if is_paired(X, y):
            clean, made = (values(self.autoencoder_, each) for each in (y, self.transform(X)))
            return explained_variance(run.scaled(clean), run.scaled(made), run.schema.starts)
        check_paired(run, "Denoiser")
        X = values(self.autoencoder_, X)
        if self.patch is not None:
            X = examples(self.autoencoder_, X, self.patch).array
        rows = run.scaler.prepare(X)
        return explained_variance(run.wanted(rows), run.restored(rows), run.schema.starts)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def examples(unfitted: Autoencoder, X: Any, patch: int | None) -> Data:
    """The examples of `X`, which was `checked`, or their patches."""
    return as_examples(X, unfitted, patch)
