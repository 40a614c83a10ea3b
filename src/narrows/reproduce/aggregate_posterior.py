"""The aggregate posterior of a VAE compared with its prior, and a VAE with a uniform prior (K10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.reproduce.code_distance import SMALL_EFFECT, NormalTest, Sampler, normal_test, told_apart
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most, mean_of
from narrows.reproduce.generation import (
    BY_PCA,
    PCA,
    REAL,
    VAE,
    Qualities,
    images_of,
    named,
    pca_samples,
    sample_count,
)
from narrows.reproduce.lab import Entry, Lab, decode, flat
from narrows.reproduce.latent_models import from_posterior, images, seeds, uniform_vae, vae
from narrows.reproduce.sample_quality import (
    Features,
    distance_ratio,
    gain,
    mean_quality,
    quality_table,
)
from narrows.reproduce.tables import number, percent
from narrows.reproduce.variational import posterior
from narrows.runs.run import Run

UNIFORM = "VAE, uniform prior"
OWN = "VAE, codes of test images"
"""The kinds of samples, beside those of K7."""


class Seed(NamedTuple):
    """The results of one seed.

    Attributes:
        z: codes drawn from the posteriors of the test images `(n, code_size)`, with the prior N(0, I).
        kl: the mean KL of a posterior from N(0, I), in nats.
        test: `z` compared with N(0, I).
        told: how often a classifier tells one of `z` from a draw from N(0, I).
        told_uniform: the same for the VAE with the uniform prior, and its prior.
        told_normal: the same for two samples of N(0, I).
    """

    z: Array
    kl: float
    test: NormalTest
    told: float
    told_uniform: float
    told_normal: float


def aggregate_posterior(lab: Lab) -> Finding:
    """Codes of the test images compared with the prior, and samples of VAEs with two priors."""
    features = lab.once(Features)
    results = [compare(lab, seed) for seed in seeds(lab)]
    samples = [draw(lab, result.z, seed) for result, seed in zip(results, seeds(lab), strict=True)]
    qualities = {kind: [features.quality(drawn[kind]) for drawn in samples] for kind in samples[0]}
    real = {REAL: [features.quality(flat(lab.digits.held_out.array[: sample_count(lab)]))]}
    return Finding(
        measured_values(results, qualities),
        yardsticks(results, qualities | real),
        checks(results, qualities),
        f"{posterior_sentence(results)}\n{prior_sentence(qualities)}",
        (
            eigenvalue_plot(results[0].z),
            strip(
                {kind: images_of(rows, 10) for kind, rows in samples[0].items()},
                "The first ten samples of each kind.",
            ),
            quality_table(qualities | real, features),
        ),
    )


def compare(lab: Lab, seed: int) -> Seed:
    rng, normal, uniform = np.random.default_rng(seed), vae(lab, seed), uniform_vae(lab, seed)
    x = lab.digits.held_out.array
    z, z_uniform = (from_posterior(run, x, seed) for run in (normal, uniform))
    mean, sigma = posterior(normal, x)
    kl = float(0.5 * (mean**2 + sigma**2 - 1 - 2 * np.log(sigma)).sum(axis=1).mean())
    own, other = prior(normal), prior(uniform)
    told = told_apart(z, own, rng), told_apart(z_uniform, other, rng), told_apart(own(len(z), rng), own, rng)
    return Seed(z, kl, normal_test(z, rng), *told)


def prior(run: Run) -> Sampler:
    """Draws from the prior of `run`."""

    def draw(n: int, rng: np.random.Generator) -> Array:
        codes = run.model.bottleneck.prior(n, torch.Generator().manual_seed(int(rng.integers(2**31))))
        assert codes is not None
        return codes.numpy()

    return draw


def draw(lab: Lab, z: Array, seed: int) -> dict[str, Array]:
    """Samples `(n, 784)` of each kind, of the models of this seed, whose own codes are `z`."""
    rng, n = np.random.default_rng(seed), sample_count(lab)
    normal, uniform = vae(lab, seed), uniform_vae(lab, seed)
    return {
        VAE: decode(normal, prior(normal)(n, rng)),
        UNIFORM: decode(uniform, prior(uniform)(n, rng)),
        OWN: decode(normal, z[:n]),
        PCA: pca_samples(images(lab), z.shape[1], n, rng),
    }


def checks(results: Sequence[Seed], qualities: Qualities) -> tuple[Check, ...]:
    """The aggregate posterior is N(0, I) up to a small effect, N(0, I) works and a uniform prior does not."""
    told = mean_of([result.told for result in results])
    effect = "a small effect, 0.2 standard deviations (Cohen 1988)"
    normal, uniform = (gain(qualities[kind], qualities[PCA]) for kind in (VAE, UNIFORM))
    return (
        at_most("pairs of a code and a draw from N(0, I) that are told apart", told, SMALL_EFFECT, effect),
        at_least("F1 of samples with the prior N(0, I), minus PCA's", normal, 0, BY_PCA),
        at_most("F1 of samples with the uniform prior, minus PCA's", uniform, 0, BY_PCA),
    )


def average(results: Sequence[Seed], key: str) -> float:
    return float(np.mean([getattr(result, key) for result in results]))


def measured_values(results: Sequence[Seed], qualities: Qualities) -> dict[str, float]:
    return {
        "seeds": len(results),
        "told_apart_from_normal": average(results, "told"),
        "told_apart_from_uniform": average(results, "told_uniform"),
        "sliced_wasserstein": float(np.mean([result.test.distance for result in results])),
        "kl_of_each_posterior": average(results, "kl"),
        **named("normal_prior", qualities[VAE]),
        **named("uniform_prior", qualities[UNIFORM]),
    }


def yardsticks(results: Sequence[Seed], qualities: Qualities) -> dict[str, float]:
    return {
        "normal_samples_told_apart": average(results, "told_normal"),
        "sliced_wasserstein_95_percent_by_chance": float(np.mean([r.test.by_chance for r in results])),
        **named("pca_fitted_normal", qualities[PCA]),
        **named("posterior_codes", qualities[OWN]),
        **named("real_test_images", qualities[REAL]),
    }


def posterior_sentence(results: Sequence[Seed]) -> str:
    distances = mean_of([result.test.distance for result in results])
    by_chance = float(np.mean([result.test.by_chance for result in results]))
    differs = distances.value > by_chance
    told = mean_of([result.told for result in results])
    return (
        f"The codes drawn from the posteriors of {len(results[0].z):,} test images have a sliced Wasserstein "
        f"distance of {number(distances.value)} standard deviations from N(0, I); 95 % of normal samples of "
        f"this size have less than {number(by_chance)}, so the aggregate posterior "
        f"{'differs' if differs else 'does not differ'} from N(0, I) beyond chance.\nWith enough images any "
        "difference is found, so the verdict goes by its size: a classifier tells a code from a draw from "
        f"N(0, I) in {percent(told.value)} of pairs (two normal samples: "
        f"{percent(average(results, 'told_normal'))}; chance: 50 %; the bound of a small effect: "
        f"{percent(SMALL_EFFECT)}). The KL of a single posterior from N(0, I) is "
        f"{number(average(results, 'kl'))} nats; the lecture's argument takes it as 0, but then a code would "
        "carry no information about its image."
    )


def prior_sentence(qualities: Qualities) -> str:
    f1, precision, coverage, distance = (
        {kind: number(mean_quality(each, key).value) for kind, each in qualities.items()}
        for key in ("f1", "precision", "coverage", "distance")
    )
    lead = gain(qualities[UNIFORM], qualities[VAE])
    ratio = distance_ratio(qualities[UNIFORM], qualities[VAE])
    return (
        "A second VAE is trained with a uniform prior. The KL of a normal distribution from a uniform one is "
        "infinite, so its posteriors are normal distributions truncated to the prior's box. The precision "
        f"and coverage of samples are {precision[VAE]} and {coverage[VAE]} with the prior N(0, I) "
        f"(F1 {f1[VAE]}), {precision[UNIFORM]} and {coverage[UNIFORM]} with the uniform one "
        f"(F1 {f1[UNIFORM]}; difference {number(lead.value)}, {number(lead.low)} to {number(lead.high)}), "
        f"{precision[PCA]} and "
        f"{coverage[PCA]} with PCA (F1 {f1[PCA]}).\nThe Fréchet distance is {distance[VAE]} and "
        f"{distance[UNIFORM]}, {number(ratio.value)} times as large ({number(ratio.low)} to "
        f"{number(ratio.high)}). The codes of test images, with the prior N(0, I), have "
        f"{distance[OWN]} and F1 {f1[OWN]}; N(0, I) would give the same if it were the aggregate posterior."
    )


def eigenvalue_plot(z: Array) -> Figure:
    normal = np.random.default_rng(0).standard_normal(z.shape)
    curves: Mapping[str, Sequence[float]] = {
        name: np.linalg.eigvalsh(np.cov(codes, rowvar=False))[::-1].tolist()
        for name, codes in (("posterior codes", z), ("sample of N(0, I)", normal))
    }
    return lines(
        list(range(1, z.shape[1] + 1)),
        curves,
        "Eigenvalues of the covariance of the codes drawn from the posteriors of the test images, and of as "
        "many draws from N(0, I). All would be 1 if the aggregate posterior were N(0, I).",
        across="eigenvalue",
        up="variance",
    )


K10 = Entry(
    "K10",
    "the aggregate posterior is the prior",
    "The aggregate posterior is N(0, I), which is indeed what we plan to sample Z from; a Gaussian is a "
    "simple choice, a uniform distribution probably won't work.",
    aggregate_posterior,
)
