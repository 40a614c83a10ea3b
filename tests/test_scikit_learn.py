"""Every estimator passes scikit-learn's own checks."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import parametrize_with_checks

from narrows import AnomalyDetector, Autoencoder, Denoiser, PretrainedClassifier, SoftmaxRegression
from narrows.training.options import Training

SHORT = {"epochs": 2}


ESTIMATORS: list[BaseEstimator] = [
    Autoencoder(training=SHORT),
    Denoiser(),
    Denoiser(Autoencoder(2, training=SHORT)),
    PretrainedClassifier(fine_tuning=SHORT),
    PretrainedClassifier(Autoencoder(recipe="vae", training=SHORT), fine_tuning=SHORT),
    PretrainedClassifier(method="probe"),
    AnomalyDetector(),
    AnomalyDetector(Autoencoder(1, recipe="vae", training=SHORT), contamination=0.1),
    SoftmaxRegression(),
]
"""Every estimator of the package; those that take an autoencoder with one and without."""


@pytest.fixture
def two_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training takes two epochs unless told otherwise."""
    usual = Training.__init__.__kwdefaults__
    monkeypatch.setattr(Training.__init__, "__kwdefaults__", {**usual, **SHORT})


@parametrize_with_checks(ESTIMATORS)
@pytest.mark.usefixtures("two_epochs")
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        check(estimator)
