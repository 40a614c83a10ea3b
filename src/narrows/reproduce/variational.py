"""The effect of β on the noise in the codes of a VAE (K1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.fitting.choices import Overrides
from narrows.model.bottlenecks.gaussian import Gaussian
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most, mean_of
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.tables import number
from narrows.reproduce.trials import subset
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.training.history import Epoch

BETAS = (0.0, 0.25, 1.0, 4.0)

PLAIN: Overrides = {"bottleneck": {"name": "plain", "latent_dim": 20}}
"""Overrides that make Y5 a plain AE: the same latent dimensions, no noise and no similarity loss."""

SMALL_BATCHES: Overrides = {"training": {"batch_size": 32}}


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


class Seed(NamedTuple):
    """The results of one seed.

    Attributes:
        states: by β, the state of the VAE after each epoch.
        ae: reconstruction loss of an AE with the same network, in nats per image.
    """

    states: Mapping[float, list[EpochState]]
    ae: float

    @property
    def fall(self) -> float:
        """The smallest fall of σ from one β to the next smaller one."""
        return float(np.diff([states[-1].sigma for states in self.states.values()]).min())

    @property
    def still_falling(self) -> float:
        """σ at β = 0 after the last epoch, divided by σ after half of the epochs."""
        states = self.states[0.0]
        return states[-1].sigma / states[len(states) // 2 - 1].sigma

    @property
    def distance_to_ae(self) -> float:
        """How much worse than the AE's the reconstruction is at β = 0, as a share of that at β = 1."""
        none, whole = (self.states[beta][-1].reconstruction - self.ae for beta in (0.0, 1.0))
        return none / whole


def without_similarity_loss(lab: Lab) -> Finding:
    """σ, reconstruction and KL by epoch for several β, and an AE with the same network."""
    data, epochs = subset(lab.digits, lab.pick(10_000, 1000), lab.pick(2000, 500)), lab.pick(10, 5)
    results = [measure(lab, data, epochs, seed) for seed in lab.seeds]
    by_beta = {beta: mean_states([result.states[beta] for result in results]) for beta in betas(lab)}
    last = {beta: states[-1] for beta, states in by_beta.items()}
    ae = float(np.mean([result.ae for result in results]))
    return Finding(
        {"images": len(data), "epochs": epochs, "seeds": len(results), **named(last)},
        {"autoencoder_reconstruction": ae},
        checks(results),
        f"{sigma_sentence(last, epochs, len(data), len(results))}\n{noise_sentence(last, ae)}",
        curves(by_beta),
    )


def measure(lab: Lab, data: Data, epochs: int, seed: int) -> Seed:
    overrides = {**PLAIN, **lab.pick({}, SMALL_BATCHES)}
    ae = lab.fit("y5", data, overrides=overrides, epochs=epochs, seed=seed)
    states = {beta: track(lab, data, beta, epochs, seed) for beta in betas(lab)}
    return Seed(states, ae.history[-1]["validation"]["reconstruction"])


def betas(lab: Lab) -> tuple[float, ...]:
    """All β, or in the quick table those that the verdict needs, and a larger one."""
    return BETAS if not lab.quick else (BETAS[0], *BETAS[2:])


def mean_states(each: Sequence[Sequence[EpochState]]) -> list[EpochState]:
    """The mean over seeds of the states after each epoch."""
    return [EpochState(*np.mean(states, axis=0).tolist()) for states in zip(*each, strict=True)]


def checks(results: Sequence[Seed]) -> tuple[Check, ...]:
    """σ falls with β and, without the similarity loss, with every epoch; the VAE is then nearly an AE."""
    falls, still, distances = (
        mean_of([getattr(result, name) for result in results])
        for name in ("fall", "still_falling", "distance_to_ae")
    )
    nearer = "nearer to an AE of the same network than to a VAE"
    return (
        at_least("smallest fall of σ from one β to the next smaller", falls, 0, "the slides: σ falls with β"),
        at_most("σ at β = 0, last epoch / half of the epochs", still, 1, "the slides: σ goes to zero"),
        at_most("reconstruction loss above an AE's, β = 0 / β = 1", distances, 0.5, nearer),
    )


def named(last: Mapping[float, EpochState]) -> dict[str, float]:
    """The values of each β after training, with names for the page."""
    return {
        f"{name}_at_beta_{beta:g}": getattr(state, name)
        for name in EpochState._fields
        for beta, state in last.items()
    }


def sigma_sentence(last: Mapping[float, EpochState], epochs: int, images: int, seeds: int) -> str:
    listed = ", ".join(f"{number(state.sigma)} at β = {beta:g}" for beta, state in last.items())
    return f"After {epochs} epochs on {images:,} images the mean σ is {listed}; means over {seeds} seeds."


def noise_sentence(last: Mapping[float, EpochState], ae: float) -> str:
    none, whole = last[0.0], last[1.0]
    return (
        f"Without the similarity loss noise is a share of {number(none.noise, 2)} of the variance of the "
        f"codes (β = 1: {number(whole.noise, 2)}). The reconstruction loss is then "
        f"{number(none.reconstruction)} nats (β = 1: {number(whole.reconstruction)}); an AE with the same "
        f"network has {number(ae)}. An encoder can reduce the effect of the noise by a smaller σ and by "
        f"codes farther apart: the standard deviation of μ over images is {number(none.codes)} (β = 1: "
        f"{number(whole.codes)})."
    )


def track(lab: Lab, data: Data, beta: float, epochs: int, seed: int) -> list[EpochState]:
    """Train Y5 with this β on `data`; its state after each epoch."""
    test, states = data.held_out, list[EpochState]()

    def record(run: Run, epoch: Epoch) -> None:
        costs = epoch.validation
        noise = noise_statistics(run, test.array)
        states.append(EpochState(*noise, costs["reconstruction"], costs["kl"]))

    overrides: Overrides = {"bottleneck": {"beta": beta}, **lab.pick({}, SMALL_BATCHES)}
    lab.fit("y5", data, overrides=overrides, epochs=epochs, seed=seed, watch=record)
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
