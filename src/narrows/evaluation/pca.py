"""What an autoencoder is measured against, fitted to the same training rows on the same scale."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np

from narrows.data.schema import Array

MOST_PRODUCTS = 2e12
"""Products of two values up to which the covariance of data on disk is accumulated block by block."""

RESTORING = 256
"""Components of a filter at the most."""


class Pca:
    """Principal components, missing cells filled with their column's mean.

    Pearson 1901; the best linear code of that size on the rows it was fitted to.

    Args:
        mean: `(values,)`.
        directions: `(dimensions, values)`, orthonormal rows.
        weights: what each component is multiplied by, `(dimensions,)`.
    """

    def __init__(self, mean: Array, directions: Array, weights: Array | float = 1.0) -> None:
        self.mean, self.directions, self.weights = mean, directions, weights

    @classmethod
    def fit(cls, x: Array, dimensions: int) -> Pca:
        """The components of `x (n, values)`, by scikit-learn."""
        from sklearn.decomposition import PCA

        mean = np.nanmean(x, axis=0)
        with warnings.catch_warnings():
            # Constant data make scikit-learn divide 0 by 0 for the share of variance, unused here.
            warnings.simplefilter("ignore", RuntimeWarning)
            pca = PCA(min(dimensions, *x.shape), random_state=0).fit(np.where(np.isnan(x), mean, x))
        return cls(pca.mean_, pca.components_)

    @classmethod
    def fit_blocks(cls, blocks: Iterable[Array], dimensions: int, mean: Array) -> Pca:
        """The components of all blocks, `(rows, values)` each, from their covariance.

        `mean (values,)` stands where a cell is missing; it need not be exact otherwise.
        """
        width = len(mean)
        n, total, products = 0, np.zeros(width), np.zeros((width, width))
        for block in blocks:
            centred = np.where(np.isnan(block), 0.0, block - mean).astype(np.float32)
            n += len(block)
            total += centred.sum(axis=0, dtype=np.float64)
            products += centred.T @ centred
        shift = total / n
        _, vectors = np.linalg.eigh(products / n - np.outer(shift, shift))
        return cls(mean + shift, vectors[:, ::-1].T[: min(dimensions, n)])

    def restoring(self, clean: Array, seen: Array) -> Pca:
        """The same components, each weighted to restore `clean` from `seen (n, values)` best.

        Against normal noise it is the Wiener filter, λ / (λ + σ²) for a component of variance λ, the best of
        all linear filters.
        """
        wanted, found = self._components(clean), self._components(seen)
        power = (found**2).sum(axis=0)
        weights = (wanted * found).sum(axis=0) / np.where(power > 0, power, 1.0)
        return Pca(self.mean, self.directions, weights)

    def reconstruct(self, x: Array) -> Array:
        """Project `x (n, values)` and come back."""
        return (self._components(x) * self.weights) @ self.directions + self.mean

    def _components(self, x: Array) -> Array:
        return np.where(np.isnan(x), 0.0, x - self.mean) @ self.directions.T
