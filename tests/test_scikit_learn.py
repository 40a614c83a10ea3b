"""Every estimator passes scikit-learn's own checks."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import parametrize_with_checks

from narrows import AnomalyDetector, Autoencoder, Denoiser, PretrainedClassifier

SHORT = {"epochs": 2}


ESTIMATORS: list[BaseEstimator] = [
    Autoencoder(training=SHORT),
    Denoiser(training=SHORT),
    PretrainedClassifier(training=SHORT, fine_tuning=SHORT),
    PretrainedClassifier(method="probe", training=SHORT),
    AnomalyDetector(training=SHORT),
]
"""Every estimator of the package, fast."""


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        check(estimator)
