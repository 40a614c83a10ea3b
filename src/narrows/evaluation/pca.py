"""What an autoencoder is measured against, fitted to the same training rows on the same scale."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

import numpy as np

from narrows.core.steps import step
from narrows.data.schema import Array
from narrows.evaluation.errors import means

MOST_PRODUCTS = 2e12
"""Products of two values up to which the covariance of data on disk is accumulated block by block; of wider
data the components are found in a few passes."""

ROOM = 2**24
"""Values of the components that are improved together, at the most."""

OVERSAMPLED = 8
"""Further components that are carried along, by which the wanted ones converge faster."""

BEGIN, MOST_PASSES, CONVERGED = 4096, 6, 1e-3
"""Rows of a sample at whose components the passes begin, passes at the most, and the share of the error that
a pass has to take off for another to follow."""

Blocks = Callable[[], Iterable[Array]]

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
    def fit_passes(cls, blocks: Blocks, dimensions: int, mean: Array, sample: Array) -> Pca:
        """The components of all blocks, `(rows, values)` each, by a few passes over them.

        Subspace iteration with a few components more (Halko, Martinsson & Tropp 2011, SIAM Review 53), which
        begins at the components of a sample and ends once a pass hardly lowers the error.

        Args:
            blocks: gives all blocks, each time that it is called.
            dimensions: how many components are wanted.
            mean: `(values,)`, stands where a cell is missing; it need not be exact otherwise.
            sample: some of the rows, `(n, values)`.
        """
        kept, before = dimensions + OVERSAMPLED, np.inf
        q = beginning(cls.fit(sample[:: -(-len(sample) // BEGIN)], kept), kept)
        for number in range(1, MOST_PASSES + 1):
            step(f"verdict: fitting PCA, pass {number} of {MOST_PASSES} at the most")
            n, shift, power, mapped = pass_over(blocks(), q, mean)
            error = power - float(np.linalg.eigvalsh(mapped @ q.T)[-dimensions:].sum())
            q = np.linalg.svd(mapped, full_matrices=False)[2]
            if before - error <= CONVERGED * abs(error):
                break
            before = error
        return cls(mean + shift, q[: min(dimensions, n)])

    def reconstruct(self, x: Array) -> Array:
        """Project `x (n, values)` and come back."""
        return centred(x, self.mean) @ self.directions.T @ self.directions + self.mean


def has_room(values: int, dimensions: int) -> bool:
    """Whether the components of so many values that are improved together fit into memory, several times."""
    return (dimensions + OVERSAMPLED) * values <= ROOM


def beginning(pca: Pca, wanted: int) -> Array:
    """Orthonormal directions `(wanted, values)`, the components first; random ones where these are fewer."""
    width = pca.directions.shape[1]
    more = np.random.default_rng(0).standard_normal((max(0, wanted - len(pca.directions)), width))
    return np.linalg.qr(np.concatenate([pca.directions, more]).T)[0].T


def pass_over(blocks: Iterable[Array], q: Array, mean: Array) -> tuple[int, Array, float, Array]:
    """The number of rows, their mean beside `mean`, the sum of their variances, and q times their covariance.

    Args:
        blocks: `(rows, values)` each.
        q: directions `(k, values)`.
        mean: `(values,)`.
    """
    n, shift, power, mapped = 0, np.zeros(len(mean)), 0.0, np.zeros(q.shape)
    single = q.astype(np.float32)
    for block in blocks:
        rows = centred(block, mean).astype(np.float32)
        n += len(rows)
        shift += rows.sum(axis=0, dtype=np.float64)
        power += float(np.square(rows).sum(dtype=np.float64))
        mapped += (rows @ single.T).T @ rows
    shift /= n
    return n, shift, power / n - float(shift @ shift), mapped / n - np.outer(q @ shift, shift)


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
