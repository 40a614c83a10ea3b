"""The autoencoders of the uses, as scikit-learn estimators, and their gains over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from narrows.estimators.autoencoder import Autoencoder
from narrows.reproduce.findings import Estimate, mean_of, median_of
from narrows.reproduce.lab import Lab
from narrows.reproduce.trials import SQUARED

WIDTHS = [256, 128]
"""The hidden layers of the encoder of the uses, which trains in seconds; the decoder mirrors them."""

MLP = {"name": "mlp", "widths": WIDTHS, "activation": "relu"}

BATCH = 32
"""Images per step: a few thousand images give enough steps in a few epochs."""


def autoencoder(latent_dim: int, epochs: int, seed: int, **options: Any) -> Autoencoder:
    """An autoencoder 784-256-128-`latent_dim`-128-256-784 with squared error, trained in small batches."""
    return Autoencoder(
        latent_dim,
        encoder=MLP,
        loss=SQUARED,
        epochs=epochs,
        batch_size=BATCH,
        random_state=seed,
        device="cpu",
        **options,
    )


def seeds(lab: Lab) -> tuple[int, ...]:
    """The seeds of the models: three, in the quick table one."""
    return lab.seeds[: lab.pick(3, 1)]


def median_gain(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """The median of the differences `first` - `second`, pair by pair."""
    return median_of([a - b for a, b in zip(first, second, strict=True)])


def mean_gain(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """The mean of the differences `first` - `second`, pair by pair."""
    return mean_of([a - b for a, b in zip(first, second, strict=True)])
