"""The classical scores of anomalies: PCA's error, isolation forest, nearest neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array

Floats = NDArray[np.float64]

Among = NDArray[np.bool_]

Outliers = Callable[[Array, Array, Among], Floats]
"""From the rows to learn from, the rows to score, and which of these are among those: higher is odder."""


def pca_error(learned: Array, rows: Array, among: Among) -> Floats:
    """The squared error behind as many principal components as hold 90 % of the variance."""
    from sklearn.decomposition import PCA

    pca = PCA(0.9, svd_solver="full").fit(learned)
    return np.asarray(((rows - pca.inverse_transform(pca.transform(rows))) ** 2).sum(axis=1))


def isolation_forest(learned: Array, rows: Array, among: Among) -> Floats:
    """Liu, Ting & Zhou 2008, ICDM, with scikit-learn's defaults."""
    from sklearn.ensemble import IsolationForest

    return -np.asarray(IsolationForest(random_state=0).fit(learned).score_samples(rows))


def fifth_neighbour(learned: Array, rows: Array, among: Among) -> Floats:
    """The distance to the fifth neighbour (Ramaswamy, Rastogi & Shim 2000, SIGMOD), itself not counted."""
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=min(6, len(learned))).fit(learned).kneighbors(rows)[0]
    fifth = np.minimum(4 + among, nearest.shape[1] - 1)
    return np.asarray(nearest[np.arange(len(rows)), fifth])


OUTLIERS: dict[str, Outliers] = {
    "PCA error": pca_error,
    "isolation forest": isolation_forest,
    "k nearest neighbours": fifth_neighbour,
}
