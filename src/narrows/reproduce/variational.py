"""The effect of β on the noise in the codes of a VAE (K1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.fitting.choices import Overrides
from narrows.model.bottlenecks.gaussian import Gaussian
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.tables import number
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.training.history import Epoch

BETAS = (0.0, 0.25, 1.0, 4.0)

PLAIN: Overrides = {"bottleneck": {"name": "plain", "latent_dim": 20}}
"""Overrides that make Y5 a plain AE: the same latent dimensions, no noise and no similarity loss."""

SMALL_BATCHES: Overrides = {"training": {"batch_size": 32}}

NOISE_OF_AN_AE = 0.01
"""A VAE counts as an AE if noise is a smaller share than this of the variance of its codes."""


class EpochState(NamedTuple):
    """A VAE after an epoch, on the test images.

    Attributes:
        sigma: mean σ over images and latent dimensions.
        noise: share of noise in the variance of codes drawn from the posterior.
        codes: standard deviation of μ over images.
        reconstruction: reconstruction loss in nats per image.
        kl: KL term in nats per image, unweighted.
    """

    sigma: float
    noise: float
    codes: float
    reconstruction: float
    kl: float


def without_similarity_loss(lab: Lab) -> Finding:
    """σ, reconstruction and KL by epoch for several β, and an AE with the same network."""
    data, epochs = lab.first(lab.digits, lab.pick(10_000, 500)), lab.pick(10, 20)
    by_beta = {beta: track(lab, data, beta, epochs) for beta in BETAS}
    ae = lab.fit("y5", data, overrides=PLAIN, epochs=epochs)
    ae_reconstruction = ae.history[-1]["validation"]["reconstruction"]
    last = {beta: states[-1] for beta, states in by_beta.items()}
    largest_share = lab.pick(0.1, 0.2)
    none, whole = last[0.0], last[1.0]
    sigmas = [state.sigma for state in last.values()]
    fall = float(np.diff(sigmas).min())
    return Finding(
        {
            "images": len(data),
            "epochs": epochs,
            **named(last),
            "sigma_falls_with_beta": fall >= 0,
            "threshold_share_of_sigma": largest_share,
            "threshold_noise_at_beta_0": NOISE_OF_AN_AE,
        },
        {"autoencoder_reconstruction": ae_reconstruction},
        (
            at_least("smallest change of σ from one β to the next smaller", fall, 0, "σ falls with β"),
            at_most("σ at β = 0 / σ at β = 1", none.sigma / whole.sigma, largest_share, "set here"),
            at_most("share of noise in the codes at β = 0", none.noise, NOISE_OF_AN_AE, "set here"),
        ),
        f"{sigma_sentence(last, epochs, len(data))} Without the similarity loss noise is a share of "
        f"{number(none.noise, 2)} of the variance of the codes (β = 1: {number(whole.noise, 2)}). The "
        f"reconstruction loss is then {number(none.reconstruction)} nats; an AE with the same network has "
        f"{number(ae_reconstruction)}. An encoder can reduce the effect of the noise by a smaller σ and by "
        f"codes farther apart: the standard deviation of μ over images is {number(none.codes)} (β = 1: "
        f"{number(whole.codes)}).",
        curves(by_beta),
    )


def named(last: Mapping[float, EpochState]) -> dict[str, float]:
    """The values of each β after training, with names for the page."""
    return {
        f"{name}_at_beta_{beta:g}": getattr(state, name)
        for name in EpochState._fields
        for beta, state in last.items()
    }


def sigma_sentence(last: Mapping[float, EpochState], epochs: int, images: int) -> str:
    listed = ", ".join(f"{number(state.sigma)} at β = {beta:g}" for beta, state in last.items())
    return f"After {epochs} epochs on {images:,} images the mean σ is {listed}."


def track(lab: Lab, data: Data, beta: float, epochs: int) -> list[EpochState]:
    """Train Y5 with this β on `data`; its state after each epoch."""
    test, states = data.held_out, list[EpochState]()

    def record(run: Run, epoch: Epoch) -> None:
        costs = epoch.validation
        noise = noise_statistics(run, test.array[:2000])
        states.append(EpochState(*noise, costs["reconstruction"], costs["kl"]))

    lab.fit("y5", data, overrides={"bottleneck": {"beta": beta}}, epochs=epochs, watch=record)
    return states


def noise_statistics(run: Run, images: Array) -> tuple[float, float, float]:
    """`sigma`, `noise` and `codes` of `EpochState`, on 8-bit images."""
    mean, sigma = posterior(run, images)
    noise, codes = (sigma**2).mean(), mean.var(axis=0).mean()
    return float(sigma.mean()), float(noise / (noise + codes)), float(codes**0.5)


def posterior(run: Run, images: Array) -> tuple[Array, Array]:
    """μ and σ `(n, latent_dim)` of 8-bit images."""
    bottleneck = run.model.bottleneck
    assert isinstance(bottleneck, Gaussian)
    with inference(run.model):
        x = torch.from_numpy(flat(images)).reshape(-1, *run.schema.model_shape)
        mean, log_var, _ = bottleneck.posterior(run.model.encoder(x, {}))
    return mean.numpy(), torch.exp(log_var / 2).numpy()


def curves(by_beta: Mapping[float, list[EpochState]]) -> tuple[Figure, ...]:
    """σ, reconstruction loss and KL term by epoch, one line per β."""
    return (
        curve(
            by_beta,
            "sigma",
            "mean σ",
            "Mean σ over test images and the 20 latent dimensions, for each weight β of the similarity loss. "
            "The lecture expects a larger σ for a larger β.",
        ),
        curve(
            by_beta,
            "reconstruction",
            "reconstruction in nats",
            "Reconstruction loss on test images, with codes drawn from the posterior. The lecture expects a "
            "smaller loss for a smaller β.",
        ),
        curve(
            by_beta,
            "kl",
            "KL in nats",
            "The similarity loss, unweighted. At β = 0 nothing keeps the codes near N(0, I).",
        ),
    )


def curve(by_beta: Mapping[float, list[EpochState]], name: str, up: str, caption: str) -> Figure:
    values = {f"β = {beta:g}": [getattr(state, name) for state in states] for beta, states in by_beta.items()}
    epochs = range(1, 1 + max(map(len, values.values())))
    return lines(list(epochs), values, caption, across="epoch", up=up, log_y=name == "sigma")


K1 = Entry(
    "K1",
    "a VAE without the similarity loss",
    "Trained only with the reconstruction loss the encoder becomes deterministic by setting std to zero: "
    "just an AE. The reconstruction loss hates noise; the similarity loss wants noise.",
    without_similarity_loss,
)
