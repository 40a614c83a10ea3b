"""Samples from N(0, I), decoded by a VAE and by an AE with the same network (K7)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.drawings import strip, wall
from narrows.reproduce.findings import Figure, Finding, at_most
from narrows.reproduce.lab import Entry, Lab, decode, flat
from narrows.reproduce.sample_quality import Features, Quality, quality_table
from narrows.reproduce.tables import number, percent
from narrows.reproduce.variational import PLAIN, SMALL_BATCHES, vae
from narrows.runs.run import Run

SHOWN = 48
"""Samples in a figure."""

REAL, VAE, AE = "real test images", "VAE, N(0, I)", "AE, N(0, I)"
FITTED = "AE, normal fitted to its codes"
PCA = "PCA, normal fitted to its codes"
"""The kinds of samples: the model, and the distribution of the codes."""

LARGEST_SHARE = 0.5
"""The claim holds if the VAE's Fréchet distance is below this share of the AE's."""


def ae(lab: Lab) -> Run:
    """The network of Y5 with a plain code: the same latent dimensions, no noise, no similarity loss."""
    if not lab.quick:
        return lab.fit("y5", overrides=PLAIN)
    return lab.fit("y5", overrides={**PLAIN, **SMALL_BATCHES}, epochs=25)


def fitted_normal(codes: Array, n: int, rng: np.random.Generator) -> Array:
    """`n` draws of the normal distribution with the mean and covariance of `codes (m, dimensions)`."""
    return rng.multivariate_normal(codes.mean(axis=0), np.cov(codes, rowvar=False), n, method="eigh")


def generates(lab: Lab) -> Finding:
    """The quality of samples from N(0, I), decoded by Y5 and by an AE with the same network."""
    features, samples = Features(lab), draw(lab)
    qualities = {name: features.quality(images) for name, images in samples.items()}
    distance = {name: quality.distance for name, quality in qualities.items()}
    return Finding(
        named("vae", qualities[VAE]) | {"threshold_share": LARGEST_SHARE, "samples": len(samples[REAL])},
        {
            **named("autoencoder", qualities[AE]),
            "real_test_images": distance[REAL],
            "autoencoder_fitted_normal": distance[FITTED],
            "autoencoder_fitted_normal_precision": qualities[FITTED].precision,
            "pca_fitted_normal": distance[PCA],
            "classifier_accuracy": features.accuracy,
        },
        (
            at_most(
                "Fréchet distance of the VAE's samples / the AE's",
                distance[VAE] / distance[AE],
                LARGEST_SHARE,
                "half, set here",
            ),
        ),
        sentence(qualities, len(samples[REAL])),
        figures(samples, qualities, features),
    )


def draw(lab: Lab) -> dict[str, Array]:
    """As many samples `(n, 784)` of each kind as there are test images."""
    data, rng = lab.digits, np.random.default_rng(lab.seed)
    n, variational, plain = len(data.held_out), vae(lab), ae(lab)
    z = rng.standard_normal((n, variational.model.code_size))
    pca, _ = lab.pca(data, variational.model.code_size)
    scores = (flat(data.array) - pca.mean) @ pca.directions.T
    return {
        REAL: flat(data.held_out.array),
        VAE: decode(variational, z),
        AE: decode(plain, z),
        FITTED: decode(plain, fitted_normal(plain.encode(data.array), n, rng)),
        PCA: np.clip(fitted_normal(scores, n, rng) @ pca.directions + pca.mean, 0, 1),
    }


def named(name: str, quality: Quality) -> dict[str, float]:
    """The quality of one kind of samples, with names for the page."""
    return {name: quality.distance, f"{name}_precision": quality.precision, f"{name}_recall": quality.recall}


def sentence(qualities: Mapping[str, Quality], n: int) -> str:
    distance = {name: number(quality.distance) for name, quality in qualities.items()}
    compared = "less" if qualities[FITTED].distance < qualities[VAE].distance else "more"
    return (
        f"The Fréchet distance from the training images is {distance[VAE]} for {n:,} samples that the VAE "
        f"decodes from N(0, I), {distance[AE]} for those of an AE with the same network, and "
        f"{distance[REAL]} for as many real test images. The AE's codes are not trained to follow N(0, I). "
        "If its codes are drawn from a normal distribution with the mean and covariance of the training "
        f"codes, the distance is {distance[FITTED]}, {compared} than the VAE's; PCA sampled in the same way "
        f"has {distance[PCA]}. The precision of these samples of the AE is "
        f"{percent(qualities[FITTED].precision)}, that of the VAE's {percent(qualities[VAE].precision)}."
    )


def figures(
    samples: Mapping[str, Array], qualities: Mapping[str, Quality], features: Features
) -> tuple[Figure, ...]:
    return (
        wall(images_of(samples[VAE]), 12, f"{SHOWN} samples of the VAE, from N(0, I)."),
        wall(images_of(samples[AE]), 12, f"{SHOWN} samples of the AE, from N(0, I)."),
        strip(
            {name: images_of(rows, 10) for name, rows in samples.items()},
            "The first ten samples of each kind, and real test images.",
        ),
        quality_table(qualities, features),
    )


def images_of(rows: Array, n: int = SHOWN) -> Array:
    """The first `n` of `rows (m, 784)` as images."""
    return rows[:n].reshape(-1, 28, 28)


K7 = Entry(
    "K7",
    "a VAE generates, an AE does not",
    "A VAE allows principled generation of new samples from N(0, I); that of a vanilla autoencoder is "
    "limited and unreliable, because empty regions of its latent space cannot be used.",
    generates,
)
