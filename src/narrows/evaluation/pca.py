"""What an autoencoder is measured against, fitted to the same training rows on the same scale."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np

from narrows.data.schema import Array
from narrows.evaluation.errors import means

MOST_PRODUCTS = 2e12
"""Products of two values up to which the covariance of data on disk is accumulated block by block; of wider
data the components are updated by as many rows as take so many operations."""

ROOM = 2**25
"""Values of the rows and components that are updated together, at the most."""

OVERSAMPLED = 8
"""Further components that are carried along while components are updated, so that none is lost too early."""

RESTORING = 256
"""Components of a filter at the most."""


class Pca:
    """Principal components, missing cells filled with their column's mean.

    Pearson 1901; the best linear code of that size on the rows it was fitted to.

    Args:
        mean: `(values,)`.
        directions: `(dimensions, values)`, orthonormal rows.
    """

    def __init__(self, mean: Array, directions: Array) -> None:
        self.mean, self.directions = mean, directions

    @classmethod
    def fit(cls, x: Array, dimensions: int) -> Pca:
        """The components of `x (n, values)`, by scikit-learn."""
        from sklearn.decomposition import PCA

        mean = means(x)
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
            rows = centred(block, mean).astype(np.float32)
            n += len(block)
            total += rows.sum(axis=0, dtype=np.float64)
            products += rows.T @ rows
        shift = total / n
        _, vectors = np.linalg.eigh(products / n - np.outer(shift, shift))
        return cls(mean + shift, vectors[:, ::-1].T[: min(dimensions, n)])

    @classmethod
    def fit_incremental(cls, blocks: Iterable[Array], dimensions: int, mean: Array) -> Pca:
        """The components of all blocks, `(rows, values)` each, updated by a few rows at a time.

        Ross et al. 2008, by scikit-learn. `mean (values,)` stands where a cell is missing.
        """
        from sklearn.decomposition import IncrementalPCA

        kept = dimensions + OVERSAMPLED
        pca, left = IncrementalPCA(kept), np.empty((0, len(mean)), np.float32)
        for block in blocks:
            rows = np.concatenate([left, np.where(np.isnan(block), mean, block).astype(np.float32)])
            whole = len(rows) // kept * kept
            for first in range(0, whole, kept):
                pca.partial_fit(rows[first : first + kept], check_input=False)
            left = rows[whole:]
        if not hasattr(pca, "components_"):  # fewer rows than components
            return cls.fit(left, dimensions)
        return cls(pca.mean_, pca.components_[:dimensions])

    def reconstruct(self, x: Array) -> Array:
        """Project `x (n, values)` and come back."""
        return centred(x, self.mean) @ self.directions.T @ self.directions + self.mean


SLOW = 96
"""How many products of a covariance take as long as an update does for one value of a row and one component:
a row of 160,000 values takes 20 ms for 16 components on one core."""


def has_room(values: int, dimensions: int) -> bool:
    """Whether the rows that update components of so many values fit into memory, several times."""
    return 2 * (dimensions + OVERSAMPLED) * values <= ROOM


def rows_for(values: int, dimensions: int) -> int:
    """How many rows of so many values components are updated by: those that take about `MOST_PRODUCTS`.

    >>> rows_for(4096, 8), rows_for(160_000, 8)
    (317891, 8138)
    """
    return max(1, int(MOST_PRODUCTS // (SLOW * (dimensions + OVERSAMPLED) * values)))


class LinearFilter:
    """Restores damaged rows by weights of their principal components, and one weight of what is left.

    Against normal noise it is the Wiener filter, λ / (λ + σ²) for a component of variance λ, the best of all
    linear filters.

    Args:
        pca: of clean training rows.
        clean: training rows `(n, values)`.
        damaged: the same, damaged.
    """

    def __init__(self, pca: Pca, clean: Array, damaged: Array) -> None:
        self.pca, self.seen_mean = pca, means(damaged)
        wanted = self._parts(centred(clean, pca.mean))
        found = self._parts(centred(damaged, self.seen_mean))
        self.weights, (self.rest,) = slopes(wanted[0], found[0]), slopes(wanted[1], found[1])

    def reconstruct(self, x: Array) -> Array:
        """Damaged rows `x (n, values)` restored."""
        components, rest = self._parts(centred(x, self.seen_mean))
        back = (components * self.weights) @ self.pca.directions
        return back + self.rest * rest.reshape(back.shape) + self.pca.mean

    def _parts(self, x: Array) -> tuple[Array, Array]:
        """The components `(n, dimensions)` of centred rows, and what is left, `(n · values, 1)`."""
        components = x @ self.pca.directions.T
        return components, (x - components @ self.pca.directions).reshape(-1, 1)


def centred(x: Array, mean: Array) -> Array:
    """`x (n, values)` without `mean (values,)`; 0 where a cell is missing."""
    return np.where(np.isnan(x), 0.0, x - mean)


def slopes(wanted: Array, found: Array) -> Array:
    """The factors of the columns of `found (n, k)` by which they are nearest to those of `wanted`."""
    power = (found**2).sum(axis=0)
    return (wanted * found).sum(axis=0) / np.where(power > 0, power, 1.0)
