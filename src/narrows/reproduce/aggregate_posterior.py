"""The aggregate posterior of a VAE compared with its prior, and samples under other priors (K10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most
from narrows.reproduce.generation import fitted_normal, images_of
from narrows.reproduce.lab import Entry, Lab, decode, flat
from narrows.reproduce.sample_quality import Features, Quality, quality_table
from narrows.reproduce.tables import number, percent
from narrows.reproduce.variational import posterior, vae
from narrows.runs.run import Run

EIGENVALUES = (0.8, 1.25)
"""The range in which the eigenvalues of the aggregate posterior's covariance must lie."""

LARGEST_DISTANCE = 0.1
"""The largest mean Wasserstein-1 distance from N(0, 1) along the latent axes."""

NORMAL, SAME_VARIANCE, WIDE = "N(0, I)", "uniform, variance 1", "uniform on [−3, 3]"
FITTED, OWN = "normal fitted to the posterior codes", "the posterior codes"
"""The distributions that codes are drawn from."""


class Aggregate(NamedTuple):
    """How far codes are from N(0, I).

    Attributes:
        eigenvalues: of their covariance, the largest first.
        sliced: Wasserstein-1 distance from N(0, 1), the mean over 200 random directions.
        axes: the same, the mean over the latent axes.
        length: Wasserstein-1 distance of the lengths |z| from those of a normal sample.
    """

    eigenvalues: Array
    sliced: float
    axes: float
    length: float

    @property
    def normal(self) -> bool:
        """Whether eigenvalues and axes are within the bounds."""
        low, high = EIGENVALUES
        in_range = low < self.eigenvalues.min() and self.eigenvalues.max() < high
        return bool(in_range and self.axes < LARGEST_DISTANCE)


class Measured(NamedTuple):
    """The results of K10.

    Attributes:
        z: codes drawn from the posteriors of the test images `(n, latent_dim)`.
        kl: the mean KL of a posterior from N(0, I), in nats.
        aggregate: how far `z` is from N(0, I).
        exact: the same of a sample of N(0, I) of this size.
        codes: ten codes of each distribution.
        qualities: the quality of decoded samples, by distribution.
        features: what the quality was measured with.
    """

    z: Array
    kl: float
    aggregate: Aggregate
    exact: Aggregate
    codes: Mapping[str, Array]
    qualities: Mapping[str, Quality]
    features: Features

    def best(self) -> bool:
        """Whether N(0, I) is the best of three priors by the Fréchet distance."""
        distance = {name: quality.distance for name, quality in self.qualities.items()}
        return distance[NORMAL] < min(distance[SAME_VARIANCE], distance[WIDE])


def aggregate_posterior(lab: Lab) -> Finding:
    """Codes of the test images compared with N(0, I), and samples under several priors."""
    run = vae(lab)
    result = measure(lab, run)
    return Finding(
        measured_values(result),
        yardsticks(result),
        checks(result),
        f"{posterior_sentence(result)} {prior_sentence(result)}",
        figures(lab, run, result),
    )


def measure(lab: Lab, run: Run) -> Measured:
    features, rng = Features(lab), np.random.default_rng(lab.seed)
    mean, sigma = posterior(run, lab.digits.held_out.array)
    z = mean + sigma * rng.standard_normal(mean.shape)
    aggregate, exact = against_normal(z, rng), against_normal(rng.standard_normal(z.shape), rng)
    codes = {
        NORMAL: rng.standard_normal(z.shape),
        SAME_VARIANCE: rng.uniform(-(3**0.5), 3**0.5, z.shape),
        WIDE: rng.uniform(-3, 3, z.shape),
        FITTED: fitted_normal(z, len(z), rng),
        OWN: z,
    }
    qualities = {name: features.quality(decode(run, drawn)) for name, drawn in codes.items()}
    kl = float(0.5 * (mean**2 + sigma**2 - 1 - 2 * np.log(sigma)).sum(axis=1).mean())
    shown = {name: drawn[:10] for name, drawn in codes.items()}
    return Measured(z, kl, aggregate, exact, shown, qualities, features)


def against_normal(z: Array, rng: np.random.Generator) -> Aggregate:
    """How far codes `z (n, latent_dim)` are from N(0, I)."""
    n, d = z.shape
    directions = rng.standard_normal((d, 200))
    quantiles = torch.special.ndtri((torch.arange(n, dtype=torch.float64) + 0.5) / n).numpy()[:, None]
    lengths = np.sort(np.linalg.norm(rng.standard_normal((n, d)), axis=1))

    def distance(projected: Array) -> float:
        return float(np.abs(np.sort(projected, axis=0) - quantiles).mean())

    return Aggregate(
        np.linalg.eigvalsh(np.cov(z, rowvar=False))[::-1],
        distance(z @ (directions / np.linalg.norm(directions, axis=0))),
        distance(z),
        float(np.abs(np.sort(np.linalg.norm(z, axis=1)) - lengths).mean()),
    )


def measured_values(result: Measured) -> dict[str, object]:
    qualities, eigenvalues = result.qualities, result.aggregate.eigenvalues
    return {
        "smallest_eigenvalue": float(eigenvalues.min()),
        "largest_eigenvalue": float(eigenvalues.max()),
        "largest_mean": float(np.abs(result.z.mean(axis=0)).max()),
        "sliced_wasserstein": result.aggregate.sliced,
        "axes_wasserstein": result.aggregate.axes,
        "length_wasserstein": result.aggregate.length,
        "kl_of_each_posterior": result.kl,
        "frechet_normal_prior": qualities[NORMAL].distance,
        "frechet_uniform_same_variance": qualities[SAME_VARIANCE].distance,
        "frechet_uniform_3": qualities[WIDE].distance,
        "precision_normal_prior": qualities[NORMAL].precision,
        "precision_uniform_3": qualities[WIDE].precision,
        "threshold_eigenvalues": list(EIGENVALUES),
        "threshold_axes_wasserstein": LARGEST_DISTANCE,
    }


def yardsticks(result: Measured) -> dict[str, float]:
    return {
        "normal_sample_sliced_wasserstein": result.exact.sliced,
        "normal_sample_axes_wasserstein": result.exact.axes,
        "normal_sample_length_wasserstein": result.exact.length,
        "frechet_fitted_normal": result.qualities[FITTED].distance,
        "frechet_posterior_codes": result.qualities[OWN].distance,
    }


def checks(result: Measured) -> tuple[Check, ...]:
    """The aggregate posterior is close to N(0, I), which is the best of three priors."""
    eigenvalues = result.aggregate.eigenvalues
    distance = {name: quality.distance for name, quality in result.qualities.items()}
    uniform = min(distance[SAME_VARIANCE], distance[WIDE])
    return (
        at_least("smallest eigenvalue of the covariance", eigenvalues.min(), EIGENVALUES[0], "set here"),
        at_most("largest eigenvalue of the covariance", eigenvalues.max(), EIGENVALUES[1], "set here"),
        at_most("Wasserstein distance along the axes", result.aggregate.axes, LARGEST_DISTANCE, "set here"),
        at_most("Fréchet distance of samples from N(0, I)", distance[NORMAL], uniform, "a uniform prior"),
    )


def posterior_sentence(result: Measured) -> str:
    eigenvalues = result.aggregate.eigenvalues
    return (
        "By the thresholds set here, the aggregate posterior is "
        f"{'' if result.aggregate.normal else 'not '}close to N(0, I). The codes drawn from the posteriors "
        f"of {len(result.z):,} test images have a covariance with eigenvalues from "
        f"{number(eigenvalues.min())} to {number(eigenvalues.max())} (threshold: {EIGENVALUES[0]} to "
        f"{EIGENVALUES[1]}). Their mean Wasserstein distance from N(0, 1) along the latent axes is "
        f"{number(result.aggregate.axes)} (threshold: {LARGEST_DISTANCE}; a sample of N(0, I) of this size "
        f"has {number(result.exact.axes)}). The KL of a single posterior from N(0, I) is {number(result.kl)} "
        "nats; the lecture's argument takes it as 0, but then a code would carry no information about its "
        "image."
    )


def prior_sentence(result: Measured) -> str:
    distance = {name: number(quality.distance) for name, quality in result.qualities.items()}
    return (
        f"By the Fréchet distance N(0, I) is {'' if result.best() else 'not '}the best of three priors to "
        f"sample from: {distance[NORMAL]}, with a uniform prior of the same variance "
        f"{distance[SAME_VARIANCE]}, and with a uniform prior on [−3, 3] {distance[WIDE]}. The precision of "
        f"samples is {percent(result.qualities[NORMAL].precision)} under N(0, I) and "
        f"{percent(result.qualities[WIDE].precision)} on [−3, 3]. The posterior codes themselves decode to "
        f"{distance[OWN]}; N(0, I) would give the same if it were the aggregate posterior."
    )


def figures(lab: Lab, run: Run, result: Measured) -> tuple[Figure, ...]:
    real = {"real test images": result.features.quality(flat(lab.digits.held_out.array))}
    return (
        eigenvalue_plot(result.aggregate, result.exact),
        strip(
            {name: images_of(decode(run, codes)) for name, codes in result.codes.items()},
            "Ten decoded codes from each distribution.",
        ),
        quality_table({**result.qualities, **real}, result.features),
    )


def eigenvalue_plot(aggregate: Aggregate, exact: Aggregate) -> Figure:
    return lines(
        list(range(1, len(aggregate.eigenvalues) + 1)),
        {"posterior codes": aggregate.eigenvalues.tolist(), "sample of N(0, I)": exact.eigenvalues.tolist()},
        "Eigenvalues of the covariance of the codes drawn from the posteriors of the test images, and of as "
        "many draws from N(0, I). All would be 1 if the aggregate posterior were N(0, I).",
        across="eigenvalue",
        up="variance",
    )


K10 = Entry(
    "K10",
    "the aggregate posterior is the prior",
    "p(Z) = Σ p(Z|X) p(X) = N(0, I), which is indeed what we plan to sample Z from; a Gaussian is a simple "
    "choice, a uniform distribution probably won't work.",
    aggregate_posterior,
)
