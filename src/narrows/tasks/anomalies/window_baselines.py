"""Classical scores of windows: PCA, the nearest window, an autoregression, an isolation forest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.window_views import Float32s

Index = NDArray[np.intp]

Score = Callable[[Float32s, Index], Floats]
"""Maps windows `(n, channels, time)` and their places among the reference windows, as of
`KnownWindows.find`, to scores `(n,)`; higher is more unusual."""

Baseline = Callable[[Float32s, Index], Score]
"""Fits a score to reference windows `(m, channels, time)`, on the model's scale, with their places."""

EXPLAINED = 0.9
"""The share of the variance that the components of PCA explain."""

MOST_STEPS, MOST_INPUTS = 64, 512
"""Time steps that an autoregression looks back, and values in them, at the most."""

RIDGE = 1e-3
"""The penalty of the autoregression, in variances of its inputs."""


def pca_error(reference: Float32s, places: Index) -> Score:
    """The squared reconstruction error of PCA."""
    from sklearn.decomposition import PCA

    pca = PCA(EXPLAINED, svd_solver="full").fit(flat(reference))

    def score(windows: Float32s, places: Index) -> Floats:
        rows = flat(windows)
        return np.asarray(((rows - pca.inverse_transform(pca.transform(rows))) ** 2).sum(axis=1))

    return score


def nearest(reference: Float32s, places: Index) -> Score:
    """The distance to the nearest reference window that does not overlap."""
    from narrows.tasks.anomalies.nearest_window import NearestWindow

    found = NearestWindow(reference, places, reference.shape[2])
    return lambda windows, places: found(windows, places).distances


def autoregression(reference: Float32s, places: Index) -> Score:
    """The mean squared error of a linear prediction of each time step from those before it in the window."""
    from sklearn.linear_model import Ridge

    channels, steps = reference.shape[1:]
    back = max(1, min(steps // 2, MOST_STEPS, MOST_INPUTS // channels))
    inputs, targets = lagged(reference[:: max(1, len(reference) // 256)], back)
    model = Ridge(RIDGE * len(inputs) * max(float(inputs.var()), 1e-12)).fit(inputs, targets)

    def score(windows: Float32s, places: Index) -> Floats:
        inputs, targets = lagged(windows, back)
        errors = (targets - model.predict(inputs).reshape(targets.shape)) ** 2
        return np.asarray(errors.reshape(len(windows), -1).mean(axis=1), dtype=np.float64)

    return score


def lagged(windows: Float32s, back: int) -> tuple[Float32s, Float32s]:
    """The `back` time steps before each later one of the windows, `(k, channels · back)`, and that one."""
    every = np.lib.stride_tricks.sliding_window_view(windows, back + 1, axis=2).swapaxes(1, 2)
    channels = windows.shape[1]
    return every[..., :-1].reshape(-1, channels * back), every[..., -1].reshape(-1, channels)


def isolation_forest(reference: Float32s, places: Index) -> Score:
    """Liu, Ting & Zhou 2008, ICDM, with scikit-learn's defaults."""
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(random_state=0).fit(flat(reference))
    return lambda windows, places: -np.asarray(forest.score_samples(flat(windows)))


def flat(windows: Float32s) -> Float32s:
    """Windows as rows, `(n, values)`."""
    return windows.reshape(len(windows), -1)


WINDOW_BASELINES: dict[str, Baseline] = {
    "PCA of windows": pca_error,
    "nearest window": nearest,
    "autoregression": autoregression,
    "isolation forest": isolation_forest,
}
