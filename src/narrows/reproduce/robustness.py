"""Plain and denoising autoencoders with the same network, tested with noisy images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.model.corruptions import Corruption, Gaussian, SaltPepper
from narrows.reproduce.findings import Estimate, mean_of
from narrows.reproduce.lab import Lab, flat, mse, reconstruct
from narrows.reproduce.trials import SQUARED, mlp, nearest_distances
from narrows.runs.run import Run
from narrows.training.devices import seeded

MODELS = {"AE": "autoencoder", "DAE": "denoising"}
"""The two models and their recipes."""

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""Standard deviations of the Gaussian noise in the test. The largest is also the largest of the training."""

SALT_PEPPER = 0.2
"""Share of pixels that the salt-and-pepper noise of the test makes black or white."""

CLEAN, DRAWN, SALTED = "clean", f"σ from 0 to {LEVELS[-1]:g}", "salt and pepper"
"""Names of tests: no noise, σ drawn for each image as in training, and noise of another kind."""

NETWORKS: Mapping[str, dict[str, Any]] = {
    "32": {**mlp([256]), "bottleneck": {"latent_dim": 32}},
    "1000": {
        "encoder": {"name": "layers", "down": "linear 1000, relu"},
        "bottleneck": {"project": "none", "latent_dim": None},
        "decoder": {"name": "layers", "up": "linear *"},
        "loss": SQUARED,
    },
}
"""By latent dimensions, for 784 pixels: one hidden layer in encoder and decoder each; and one wide ReLU layer
that is the code, as in Vincent et al. 2008."""


class Outcome(NamedTuple):
    """What a trained model does to test images.

    Attributes:
        errors: mean squared error against the clean images, by noise.
        distances: mean distance of the reconstructions from the nearest training image, by noise.
        kept: the share of weak noise that is still in the reconstruction.
    """

    errors: dict[str, float]
    distances: dict[str, float]
    kept: float


Outcomes = Mapping[str, Sequence[Outcome]]
"""By model, AE and DAE, over the same seeds."""


class Input(NamedTuple):
    """Test and training images `(n, 784)`, and the test images by noise."""

    x: Array
    train: Array
    noisy: dict[str, Array]


def fit_pairs(lab: Lab, data: Data, name: str) -> dict[str, list[Run]]:
    """Plain and denoising autoencoders with the same network, by model and seed."""
    noise = {"AE": {}, "DAE": {"corruption": {"std": LEVELS[-1], "std_low": 0.0, "clamp": True}}}
    small = lab.pick({}, {"training": {"batch_size": 32}})
    return {
        model: [
            lab.fit(recipe, data, overrides={**NETWORKS[name], **noise[model], **small}, epochs=10, seed=seed)
            for seed in lab.seeds
        ]
        for model, recipe in MODELS.items()
    }


def corrupt_tests(data: Data, run: Run) -> Input:
    x = flat(data.held_out.array)
    noisy = {name: corrupted(corruption, x) for name, corruption in noises(run).items()}
    return Input(x, flat(data.array), {CLEAN: x, **noisy})


def noises(run: Run) -> dict[str, Corruption]:
    """The corruptions of the test by name."""
    domain = run.schema.domain(run.scaling)
    normal = {f"σ = {std:g}": Gaussian(domain, std=std, clamp=True) for std in LEVELS}
    drawn = Gaussian(domain, std=LEVELS[-1], std_low=0.0, clamp=True)
    return {**normal, DRAWN: drawn, SALTED: SaltPepper(domain, share=SALT_PEPPER)}


def corrupted(corruption: Corruption, x: Array) -> Array:
    """`x` corrupted, with the same noise each time."""
    with seeded(0, torch.device("cpu")):
        noisy: Tensor = corruption.corrupt(torch.as_tensor(x))
        return noisy.numpy()


def observe(run: Run, given: Input) -> Outcome:
    """What `run` does to the test images under each noise."""
    outputs = {name: reconstruct(run, y) for name, y in given.noisy.items()}
    return Outcome(
        {name: mse(given.x, y) for name, y in outputs.items()},
        {name: mean_distance(outputs[name], given.train) for name in (CLEAN, DRAWN, SALTED)},
        kept_share(run, given.x),
    )


def mean_distance(x: Array, train: Array) -> float:
    """The mean distance of the rows of `x` from the nearest row of `train`."""
    return float(nearest_distances(x, train).mean())


def kept_share(run: Run, x: Array, std: float = 0.1) -> float:
    """The share of weak noise that is still in the reconstruction: 1 for the identity, 0 for a constant.

    ⟨r(x + n) - r(x), n⟩ / ‖n‖², over all rows and values.
    """
    noise = std * np.random.default_rng(0).standard_normal(x.shape).astype(np.float32)
    change = reconstruct(run, x + noise) - reconstruct(run, x)
    return float((change * noise).sum() / (noise**2).sum())


def pairs_of(outcomes: Outcomes) -> list[tuple[Outcome, Outcome]]:
    """The denoising and the plain autoencoder of each seed."""
    return list(zip(outcomes["DAE"], outcomes["AE"], strict=True))


def error_ratio(outcomes: Outcomes, noise: str) -> Estimate:
    """The denoising autoencoder's error divided by the plain one's, seed by seed."""
    return mean_of([d.errors[noise] / a.errors[noise] for d, a in pairs_of(outcomes)])


def mean_error(outcomes: Sequence[Outcome], noise: str) -> float:
    """The mean over seeds of the test error under a noise."""
    return float(np.mean([outcome.errors[noise] for outcome in outcomes]))
