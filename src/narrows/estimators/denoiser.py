"""A denoiser as a scikit-learn estimator: what goes in noisy comes out clean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import OneToOneFeatureMixin

from narrows.data.readers import Reading, cut_array
from narrows.data.schema import Array, Data
from narrows.estimators.autoencoder import Autoencoder, Part
from narrows.tasks.restoration.denoise import denoise

if TYPE_CHECKING:
    from pandas import DataFrame


class Denoiser(OneToOneFeatureMixin, Autoencoder):  # type: ignore[misc]
    """Learn from clean data what is left of them under noise, and take the noise away from others.

    It makes the noise itself, as its corruption says: give it what is clean, or all but. Tables and small
    images are brought back from a short code; of larger images, or patches of them, it learns what the
    noise is, and then takes images of any size.

    Args:
        latent_dim: as for `Autoencoder`, like all that follow up to `verbose`.
        patch: side of the square pieces that large images are cut into to learn from.
        recipe: a name that `narrows recipes` lists.
        corruption: the noise, on the scale that the model sees: of images with a range from 0 to 1, of
            columns in standard deviations; as `{"name": "gaussian", "std": 0.1}`.
        encoder: as corruption, a part.
        bottleneck: as corruption, a part.
        decoder: as corruption, a part.
        output: as corruption, a part.
        loss: as corruption, a part.
        penalties: a list of parts.
        training: options of `narrows.training.loop.Training`.
        kind: "images" or "table"; None infers it.
        image_shape: (height, width[, channels]) of images that come flat, one in each row of `X`.
        device: "auto", or a torch device.
        random_state: the same number gives the same model; None draws one.
        warm_start: whether another fit begins with the weights of the one before.
        verbose: 1 prints a line per epoch to stderr.

    Example:
        >>> import numpy as np
        >>> from sklearn.datasets import load_digits
        >>> from narrows import Denoiser
        >>> X = load_digits().images
        >>> noisy = X + np.random.default_rng(0).normal(0, 4, X.shape)
        >>> found = Denoiser(training={"epochs": 20}).fit(X).transform(noisy)
        >>> bool(((found - X) ** 2).mean() < 0.5 * ((noisy - X) ** 2).mean())
        True
    """

    def __init__(
        self,
        latent_dim: int | None = None,
        *,
        patch: int | None = None,
        recipe: str = "denoising",
        corruption: Part = None,
        encoder: Part = None,
        bottleneck: Part = None,
        decoder: Part = None,
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
        self.patch = patch

    def _data(self, X: Any) -> Data:
        return super()._data(X) if self.patch is None else cut_array(X, "X", Reading(patch=self.patch))

    def transform(self, X: Array | DataFrame) -> Array | DataFrame:
        """`X` without its noise: the same shape and type; images of any size if the network takes them."""
        run = self._run()
        if run.schema.kind == "images":
            return self._like_data(np.stack([denoise(run, image) for image in self._values(X)]))
        return self.reconstruct(X)

    @property
    def inverse_transform(self) -> Any:
        """There is none: noise that was taken away is gone."""
        raise AttributeError("A Denoiser has no inverse_transform: noise that was taken away is gone.")
