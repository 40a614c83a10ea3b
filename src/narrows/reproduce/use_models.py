"""The data and the autoencoders of the uses: scikit-learn estimators, as a reader would write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from narrows.estimators.autoencoder import Autoencoder
from narrows.reproduce.findings import Estimate, mean_of, median_of
from narrows.reproduce.lab import Lab
from narrows.reproduce.trials import SQUARED

MLP = {"name": "mlp", "widths": [256, 128], "activation": "relu"}
"""The encoder of the uses: two hidden layers, which train in seconds; the decoder mirrors it."""

PLAIN = {"name": "plain"}

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


def y5(latent_dim: int, epochs: int, seed: int, **options: Any) -> Autoencoder:
    """The VAE Y5 with `latent_dim` dimensions; with `bottleneck=PLAIN` an AE of the same network."""
    return Autoencoder(
        latent_dim,
        recipe="y5",
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
