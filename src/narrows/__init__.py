"""Autoencoders for your own data: a trained model, and an honest verdict against PCA.

>>> from narrows import Autoencoder
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.classifier import PretrainedClassifier
    from narrows.denoiser import Denoiser
    from narrows.detector import AnomalyDetector
    from narrows.errors import InputError, TrainingError
    from narrows.estimators import Autoencoder

__version__ = version("narrows")
__all__ = [
    "AnomalyDetector",
    "Autoencoder",
    "Denoiser",
    "InputError",
    "PretrainedClassifier",
    "TrainingError",
    "__version__",
]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Import what is asked for, and no sooner: `narrows --help` needs neither torch nor numpy."""
    from importlib import import_module

    homes = {
        "AnomalyDetector": "detector",
        "Autoencoder": "estimators",
        "Denoiser": "denoiser",
        "InputError": "errors",
        "PretrainedClassifier": "classifier",
        "TrainingError": "errors",
    }
    if name not in homes:
        raise AttributeError(f"module 'narrows' has no attribute {name!r}")
    return getattr(import_module(f"narrows.{homes[name]}"), name)
