"""What β does to the noise in the code of a VAE (K1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.fitting.choices import Overrides
from narrows.model.bottlenecks.gaussian import Gaussian
from narrows.reproduce.drawings import lines
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, flat
from narrows.reproduce.tables import number
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.training.history import Epoch

BETAS = (0.0, 0.25, 1.0, 4.0)

PLAIN: Overrides = {"bottleneck": {"name": "plain", "latent_dim": 20}}
"""What makes Y5 an AE: the code as such, of as many numbers, without noise and similarity loss."""

SMALL_STEPS: Overrides = {"training": {"batch_size": 32}}

NOISE_OF_AN_AE = 0.01
"""The share of noise in the variance of the codes below which a VAE counts as an AE."""


class Moment(NamedTuple):
    """What a VAE is after an epoch.

    `sigma` is the mean σ over test images and code dimensions, `codes` the standard deviation of μ
    over images, `noise` the share of the variance of drawn codes that is noise; `reconstruction` and
    `kl` are nats per test image.
    """

    sigma: float
    noise: float
    codes: float
    reconstruction: float
    kl: float


def without_similarity_loss(lab: Lab) -> Finding:
    """σ, reconstruction and KL by epoch, for several β; and the AE of the same network."""
    data, epochs = lab.first(lab.digits, lab.pick(10_000, 500)), lab.pick(10, 20)
    story = {beta: watched(lab, data, beta, epochs) for beta in BETAS}
    ae = lab.fit("y5", data, overrides=PLAIN, epochs=epochs)
    far_below = lab.pick(0.1, 0.2)
    theirs = ae.history[-1]["validation"]["reconstruction"]
    ends = {beta: moments[-1] for beta, moments in story.items()}
    sigmas = [end.sigma for end in ends.values()]
    falls = sigmas == sorted(sigmas)
    measured = {
        "images": len(data),
        "epochs": epochs,
        **{
            f"{name}_at_beta_{beta:g}": getattr(end, name)
            for name in Moment._fields
            for beta, end in ends.items()
        },
        "sigma_falls_with_beta": falls,
        "wanted_share_of_sigma": far_below,
        "wanted_noise_at_beta_0": NOISE_OF_AN_AE,
    }
    none, whole = ends[0.0], ends[1.0]
    return Finding(
        measured,
        {"autoencoder_reconstruction": theirs},
        falls and none.sigma < far_below * whole.sigma and none.noise < NOISE_OF_AN_AE,
        f"After {epochs} epochs on {len(data):,} images the mean σ is "
        + ", ".join(f"{number(end.sigma)} at β = {beta:g}" for beta, end in ends.items())
        + f". Without the similarity loss the share of noise in the variance of the "
        f"codes is {number(none.noise, 2)} (at β = 1: {number(whole.noise, 2)}), and the reconstruction "
        f"costs {number(none.reconstruction)} nats, that of an AE with the same network {number(theirs)}. "
        "The encoder has two ways to escape the noise, a smaller σ and codes further apart: their standard "
        f"deviation is {number(none.codes)} (at β = 1: {number(whole.codes)}).",
        by_epoch(story),
    )


def watched(lab: Lab, data: Data, beta: float, epochs: int) -> list[Moment]:
    """Y5 with this β on all of `data`, seen after each epoch."""
    test, story = data.held_out, list[Moment]()

    def look(run: Run, epoch: Epoch) -> None:
        costs = epoch.validation
        story.append(Moment(*noise_of(run, test.array[:2000]), costs["reconstruction"], costs["kl"]))

    lab.fit("y5", data, overrides={"bottleneck": {"beta": beta}}, epochs=epochs, watch=look)
    return story


def noise_of(run: Run, images: Array) -> tuple[float, float, float]:
    """The mean σ, the share of the variance of drawn codes that is noise, and the deviation of μ."""
    mean, sigma = posterior(run, images)
    noise, codes = (sigma**2).mean(), mean.var(axis=0).mean()
    return float(sigma.mean()), float(noise / (noise + codes)), float(codes**0.5)


def posterior(run: Run, images: Array) -> tuple[Array, Array]:
    """μ and σ `(n, latent_dim)` of images of bytes."""
    bottleneck = run.model.bottleneck
    assert isinstance(bottleneck, Gaussian)
    with inference(run.model):
        x = torch.from_numpy(flat(images)).reshape(-1, *run.schema.model_shape)
        mean, log_var, _ = bottleneck.posterior(run.model.encoder(x, {}))
    return mean.numpy(), torch.exp(log_var / 2).numpy()


def by_epoch(story: Mapping[float, list[Moment]]) -> tuple[Figure, ...]:
    """σ, reconstruction and KL against epochs, a curve for each β."""

    def drawn(name: str, up: str, caption: str) -> Figure:
        epochs = range(1, len(next(iter(story.values()))) + 1)
        curves = {
            f"β = {beta:g}": [getattr(moment, name) for moment in moments] for beta, moments in story.items()
        }
        return lines(list(epochs), curves, caption, across="epoch", up=up, log_y=name == "sigma")

    return (
        drawn(
            "sigma",
            "mean σ",
            "The similarity loss wants noise: the larger β, the larger σ stays. Mean over test images and "
            "the 20 code dimensions.",
        ),
        drawn(
            "reconstruction",
            "reconstruction in nats",
            "The reconstruction loss hates noise: the smaller β, the smaller it gets. Test images, codes "
            "drawn.",
        ),
        drawn(
            "kl",
            "KL in nats",
            "The similarity loss itself, unweighted: without it (β = 0) nothing keeps the codes near N(0, "
            "I).",
        ),
    )


def vae(lab: Lab) -> Run:
    """Y5 on all digits; in the quick table more and smaller steps, because there are few images."""
    if not lab.quick:
        return lab.fit("y5")
    return lab.fit("y5", overrides=SMALL_STEPS, epochs=25)


K1 = Entry(
    "K1",
    "a VAE without the similarity loss",
    "Trained only with the reconstruction loss the encoder becomes deterministic by setting std to zero: "
    "just an AE. The reconstruction loss hates noise; the similarity loss wants noise.",
    without_similarity_loss,
)
