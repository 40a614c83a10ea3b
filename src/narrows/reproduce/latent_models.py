"""The models of the entries about latent spaces: a VAE and, with the same network, an AE and another VAE."""

from __future__ import annotations

import numpy as np
import torch

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.fitting.choices import Overrides
from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.trials import subset
from narrows.reproduce.variational import PLAIN, SMALL_BATCHES
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.training.devices import seeded

UNIFORM: Overrides = {"bottleneck": {"name": "uniform", "latent_dim": 20}}
"""Overrides that make Y5 a VAE with a uniform prior."""


def seeds(lab: Lab) -> tuple[int, ...]:
    """The seeds of the models."""
    return tuple(range(lab.seed, lab.seed + lab.pick(5, 3)))


def images(lab: Lab) -> Data:
    """The images that the models are trained on."""
    return subset(lab.digits, lab.pick(20_000, 2000))


def train(lab: Lab, seed: int | None, overrides: Overrides) -> Run:
    overrides = {**overrides, **lab.pick({}, SMALL_BATCHES)}
    return lab.fit("y5", images(lab), overrides=overrides, epochs=lab.pick(12, 6), seed=seed)


def vae(lab: Lab, seed: int | None = None) -> Run:
    """Y5."""
    return train(lab, seed, {})


def ae(lab: Lab, seed: int | None = None) -> Run:
    """The network of Y5 with a plain code."""
    return train(lab, seed, PLAIN)


def plane_data(lab: Lab) -> Data:
    """The images that the models of two latent dimensions are trained on."""
    return subset(lab.digits, lab.pick(6000, 2000))


def plane_model(lab: Lab, seed: int | None = None, overrides: Overrides | None = None) -> Run:
    """Y5 with two latent dimensions; with `PLAIN` an AE of the same network."""
    overrides, epochs = {**(overrides or {}), **SMALL_BATCHES}, lab.pick(12, 6)
    return lab.fit("y5", plane_data(lab), latent_dim=2, overrides=overrides, epochs=epochs, seed=seed)


def uniform_vae(lab: Lab, seed: int | None = None) -> Run:
    """The network of Y5 with a uniform prior."""
    return train(lab, seed, UNIFORM)


def from_posterior(run: Run, images: Array, seed: int) -> Array:
    """A code `(n, code_size)` drawn from the posterior of each of the 8-bit images, of any VAE."""
    with inference(run.model) as model, seeded(seed, torch.device("cpu")):
        x = torch.from_numpy(flat(images)).reshape(-1, *run.schema.model_shape)
        z: Array = model.bottleneck(model.encoder(x, {}), {}, sample=True).z[0].numpy()
        return z


def fitted_normal(codes: Array, n: int, rng: np.random.Generator) -> Array:
    """`n` draws of the normal distribution with the mean and covariance of `codes (m, dimensions)`."""
    return rng.multivariate_normal(codes.mean(axis=0), np.cov(codes, rowvar=False), n, method="eigh")
