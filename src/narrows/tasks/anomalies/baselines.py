"""Classical anomaly scores: PCA error, isolation forest, k nearest neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array
from narrows.evaluation.errors import Floats

Mask = NDArray[np.bool_]

Baseline = Callable[[Array, Array, Mask], Floats]
"""Maps reference rows `(m, values)`, rows `(n, values)` and which of these are reference rows, `(n,)`, to
scores `(n,)`; higher is more unusual."""


def pca_error(reference: Array, rows: Array, in_reference: Mask) -> Floats:
    """The squared reconstruction error of a PCA that explains 90 % of the variance."""
    from sklearn.decomposition import PCA

    pca = PCA(0.9, svd_solver="full").fit(reference)
    return np.asarray(((rows - pca.inverse_transform(pca.transform(rows))) ** 2).sum(axis=1))


def isolation_forest(reference: Array, rows: Array, in_reference: Mask) -> Floats:
    """Liu, Ting & Zhou 2008, ICDM, with scikit-learn's defaults."""
    from sklearn.ensemble import IsolationForest

    return -np.asarray(IsolationForest(random_state=0).fit(reference).score_samples(rows))


def fifth_neighbour(reference: Array, rows: Array, in_reference: Mask) -> Floats:
    """The distance to the fifth nearest neighbour (Ramaswamy, Rastogi & Shim 2000, SIGMOD).

    A reference row is not its own neighbour.
    """
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=min(6, len(reference))).fit(reference).kneighbors(rows)[0]
    fifth = np.minimum(4 + in_reference, nearest.shape[1] - 1)
    return np.asarray(nearest[np.arange(len(rows)), fifth])


BASELINES: dict[str, Baseline] = {
    "PCA error": pca_error,
    "isolation forest": isolation_forest,
    "k nearest neighbours": fifth_neighbour,
}
