"""Samples from N(0, I), decoded by a VAE and by an AE with the same network (K7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.evaluation.pca import Pca
from narrows.reproduce.drawings import strip, wall
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab, decode, flat
from narrows.reproduce.latent_models import ae, fitted_normal, images, seeds, vae
from narrows.reproduce.sample_quality import SHOWN, Features, Quality, gain, mean_quality, quality_table
from narrows.reproduce.tables import number

ON_WALL = 48
"""Samples in a figure."""

SAMPLES = 5000
"""Samples of each kind and seed, if there are as many test images."""

REAL, VAE, AE = "real test images", "VAE, N(0, I)", "AE, N(0, I)"
FITTED = "AE, normal fitted to its codes"
PCA = "PCA, normal fitted to its codes"
"""The kinds of samples: the model, and the distribution of the codes."""

BY_PCA = "PCA with as many components, sampled from a normal fitted to its codes"
"""The source of a bound: a model generates if the F1 of its samples is above that of PCA's."""

Qualities = Mapping[str, Sequence[Quality]]
"""By kind of samples, one quality for each seed."""


def generates(lab: Lab) -> Finding:
    """The quality of samples from N(0, I), decoded by Y5 and by an AE with the same network."""
    features, samples = lab.once(Features), [draw(lab, seed) for seed in seeds(lab)]
    qualities = {kind: [features.quality(drawn[kind]) for drawn in samples] for kind in samples[0]}
    shown = {**samples[0], REAL: flat(lab.digits.held_out.array)}
    real = {REAL: [features.quality(shown[REAL][:SAMPLES])]}
    return Finding(
        named("vae", qualities[VAE]) | {"samples": len(samples[0][VAE]), "seeds": len(samples)},
        {
            **named("autoencoder", qualities[AE]),
            **named("autoencoder_fitted_normal", qualities[FITTED]),
            **named("pca_fitted_normal", qualities[PCA]),
            **named("real_test_images", real[REAL]),
            "classifier_accuracy": features.accuracy,
        },
        checks(qualities),
        sentence(qualities | real, len(samples[0][VAE])),
        figures(shown, quality_table(qualities | real, features)),
    )


def draw(lab: Lab, seed: int) -> dict[str, Array]:
    """Samples `(n, 784)` of each kind, of the models of this seed."""
    data, rng = images(lab), np.random.default_rng(seed)
    variational, plain = vae(lab, seed), ae(lab, seed)
    n, d = sample_count(lab), variational.model.code_size
    z = rng.standard_normal((n, d))
    return {
        VAE: decode(variational, z),
        AE: decode(plain, z),
        FITTED: decode(plain, fitted_normal(plain.encode(data.array), n, rng)),
        PCA: pca_samples(data, d, n, rng),
    }


def sample_count(lab: Lab) -> int:
    return min(SAMPLES, len(lab.digits.held_out))


def pca_samples(data: Data, dimensions: int, n: int, rng: np.random.Generator) -> Array:
    """Samples `(n, values)` of PCA: a normal distribution with the moments of the codes of `data`."""
    x = flat(data.array)
    pca = Pca.fit(x, dimensions)
    scores = (x - pca.mean) @ pca.directions.T
    return np.clip(fitted_normal(scores, n, rng) @ pca.directions + pca.mean, 0, 1)


def checks(qualities: Qualities) -> tuple[Check, ...]:
    """The VAE generates, and the AE does not."""
    variational, plain = (gain(qualities[kind], qualities[PCA]) for kind in (VAE, AE))
    return (
        at_least("F1 of the VAE's samples from N(0, I), minus PCA's", variational, 0, BY_PCA),
        at_most("F1 of the AE's samples from N(0, I), minus PCA's", plain, 0, BY_PCA),
    )


def named(name: str, qualities: Sequence[Quality]) -> dict[str, float]:
    """The mean quality of one kind of samples, with names for the page."""
    return {f"{name}_{key}": mean_quality(qualities, key).value for key in SHOWN}


def sentence(qualities: Qualities, n: int) -> str:
    f1, precision, coverage, distance = (
        {kind: number(mean_quality(each, key).value) for kind, each in qualities.items()}
        for key in ("f1", "precision", "coverage", "distance")
    )
    return (
        f"Of {n:,} samples that the VAE decodes from N(0, I), a share of {precision[VAE]} is near a real "
        f"image, and {coverage[VAE]} of the real images have a sample near them (F1 {f1[VAE]}); means over "
        f"{len(qualities[VAE])} seeds. For an AE with the same network it is {precision[AE]} and "
        f"{coverage[AE]} (F1 {f1[AE]}), for PCA {precision[PCA]} and {coverage[PCA]} (F1 {f1[PCA]}), for "
        f"real test images {precision[REAL]} and {coverage[REAL]}.\nThe AE's codes are not trained to follow "
        "N(0, I). If a normal distribution is fitted to the AE's codes after training and sampled, F1 is "
        f"{f1[FITTED]}: what the AE lacks is a prior that its decoder knows.\nThe Fréchet distance from the "
        f"training images is {distance[VAE]} for the VAE, {distance[AE]} for the AE, {distance[FITTED]} for "
        f"the AE with the fitted normal and {distance[PCA]} for PCA; it compares means and covariances, "
        "which a fitted normal matches."
    )


def figures(shown: Mapping[str, Array], qualities: Figure) -> tuple[Figure, ...]:
    return (
        wall(images_of(shown[VAE]), 12, f"{ON_WALL} samples of the VAE, from N(0, I)."),
        wall(images_of(shown[AE]), 12, f"{ON_WALL} samples of the AE, from N(0, I)."),
        strip(
            {name: images_of(rows, 10) for name, rows in shown.items()},
            "The first ten samples of each kind, and real test images.",
        ),
        qualities,
    )


def images_of(rows: Array, n: int = ON_WALL) -> Array:
    """The first `n` of `rows (m, 784)` as images."""
    return rows[:n].reshape(-1, 28, 28)


K7 = Entry(
    "K7",
    "a VAE generates, an AE does not",
    "A VAE allows principled generation of new samples from N(0, I); that of a vanilla autoencoder is "
    "limited and unreliable, because empty regions of its latent space cannot be used.",
    generates,
)
