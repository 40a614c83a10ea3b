"""Autoencoders for your own data: a trained model, and an honest verdict against PCA.

>>> from narrows import Autoencoder
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.core.errors import DamagedRunError, InputError, NarrowsError, NoRoomError, TrainingError
    from narrows.estimators.anomaly_detector import AnomalyDetector
    from narrows.estimators.autoencoder import Autoencoder
    from narrows.estimators.denoiser import Denoiser
    from narrows.estimators.pretrained_classifier import PretrainedClassifier
    from narrows.estimators.softmax_regression import SoftmaxRegression

# Two OpenMP threads that wait for each other spin by default. Beside busy processes training then takes up to
# 17 times as long. The OpenMP library reads this variable once, when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

__version__ = version("narrows")
__all__ = [
    "AnomalyDetector",
    "Autoencoder",
    "DamagedRunError",
    "Denoiser",
    "InputError",
    "NarrowsError",
    "NoRoomError",
    "PretrainedClassifier",
    "SoftmaxRegression",
    "TrainingError",
    "__version__",
]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Import what is asked for, and no sooner: `narrows --help` needs neither torch nor numpy."""
    from importlib import import_module

    homes = {
        "AnomalyDetector": "estimators.anomaly_detector",
        "Autoencoder": "estimators.autoencoder",
        "DamagedRunError": "core.errors",
        "Denoiser": "estimators.denoiser",
        "InputError": "core.errors",
        "NarrowsError": "core.errors",
        "NoRoomError": "core.errors",
        "PretrainedClassifier": "estimators.pretrained_classifier",
        "SoftmaxRegression": "estimators.softmax_regression",
        "TrainingError": "core.errors",
    }
    if name not in homes:
        raise AttributeError(f"module 'narrows' has no attribute {name!r}")
    return getattr(import_module(f"narrows.{homes[name]}"), name)
