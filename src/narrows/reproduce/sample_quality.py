"""The quality of generated digits: Fréchet distance, precision, coverage in a classifier's features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.data.schema import Array
from narrows.reproduce.findings import Estimate, Figure, exact, mean_of
from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.tables import interval, percent, table
from narrows.training.devices import seeded

COMPARED = 3000
"""Samples and real images whose distances are compared."""


class Nearness(NamedTuple):
    """The share of samples near a real image, and the share of real images that a sample is near to."""

    precision: float
    coverage: float


SHOWN = ("precision", "coverage", "f1", "distance")
"""The measures of `Quality`, in the order of a table."""


class Quality(NamedTuple):
    """The quality of samples.

    Attributes:
        distance: Fréchet distance of their features from those of the training images, divided by the
            variance of the latter summed over features.
        precision: share of samples that are near a real image.
        coverage: share of real images that a sample is near to.
    """

    distance: float
    precision: float
    coverage: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and coverage: high only for samples both realistic and varied."""
        return 2 * self.precision * self.coverage / max(self.precision + self.coverage, 1e-12)


class Features:
    """The 64 features of a digit classifier's penultimate layer, which measure the quality of samples.

    In these features the Fréchet distance depends on what distinguishes digits, and not on every pixel.
    """

    def __init__(self, lab: Lab) -> None:
        data = lab.first(lab.digits, 20_000)
        assert data.labels is not None
        with seeded(lab.seed, torch.device("cpu")):
            self.network = feature_network()
            self.head = nn.Linear(64, 10)
            images = shaped(flat(data.array))
            train_classifier(nn.Sequential(self.network, self.head), images, data.labels, lab.pick(4, 5))
        self.reference = self.of(flat(data.array))
        self.variance = float(self.reference.var(axis=0).sum())
        self.radii = radii(self.reference[:COMPARED])
        self.accuracy = float(np.mean(self.digits(flat(data.held_out.array)) == data.held_out.labels))

    @torch.no_grad()
    def of(self, images: Array) -> Array:
        """Features `(n, 64)` of images `(n, 784)` in [0, 1]."""
        batches = torch.split(shaped(images), 1000)
        return torch.cat([self.network(batch) for batch in batches]).numpy()

    @torch.no_grad()
    def digits(self, images: Array) -> Array:
        """The digits `(n,)` that the classifier recognises in images `(n, 784)` in [0, 1]."""
        return self.head(torch.from_numpy(self.of(images))).argmax(dim=1).numpy()

    def quality(self, images: Array) -> Quality:
        """The quality of images `(n, 784)` in [0, 1]."""
        features = self.of(images)
        distance = frechet(features, self.reference) / self.variance
        return Quality(distance, *self._near(features[:COMPARED]))

    def nearness(self, images: Array) -> Nearness:
        """Precision and coverage of images `(n, 784)` in [0, 1]."""
        return self._near(self.of(images[:COMPARED]))

    def _near(self, features: Array) -> Nearness:
        return precision_and_coverage(features, self.reference[:COMPARED], self.radii)


def feature_network() -> nn.Sequential:
    """A network from images `(n, 1, 28, 28)` to 64 features."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(32 * 7 * 7, 64), nn.ReLU()),
    )


def frechet(a: Array, b: Array) -> float:
    """The Fréchet distance of normal distributions with the moments of `a` and `b (n, features)`.

    ‖m₁ - m₂‖² + tr(C₁ + C₂ - 2 (C₁C₂)^½), as in the FID (Heusel et al. 2017, NeurIPS).
    """
    first, second = (np.atleast_2d(np.cov(part, rowvar=False)) for part in (a, b))
    root = square_root(first)
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0, None)).sum()
    means = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    return float(means + np.trace(first) + np.trace(second) - 2 * shared)


def square_root(covariance: Array) -> Array:
    """The symmetric matrix whose square is `covariance`."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def radii(real: Array) -> Tensor:
    """The distance `(m,)` of each of `real (m, features)` from its third neighbour among them."""
    points = torch.from_numpy(real)
    return torch.cdist(points, points).kthvalue(4, dim=1).values  # the first is the point itself


def precision_and_coverage(samples: Array, real: Array, radius: Tensor) -> Nearness:
    """How near `samples (n, features)` are to `real (m, features)`, and how many of these are met.

    A sample is near a real point if it is no farther away than `radius (m,)`, that point's distance from
    its third neighbour. Precision is that of Kynkäänniemi et al. 2019, NeurIPS; coverage that of Naeem et
    al. 2020, ICML, which far samples do not raise as they raise the recall of the former. Of as many new
    real points about 7/8 are covered.
    """
    near = torch.cdist(torch.from_numpy(samples), torch.from_numpy(real)) <= radius
    return Nearness(float(near.any(dim=1).float().mean()), float(near.any(dim=0).float().mean()))


def shaped(images: Array) -> Tensor:
    """Rows `(n, 784)` as images `(n, 1, 28, 28)`."""
    return torch.as_tensor(images, dtype=torch.float32).reshape(-1, 1, 28, 28)


def train_classifier(network: nn.Module, x: Tensor, labels: Array, epochs: int) -> None:
    """Train `network` on the labels of `x` by cross-entropy: Adam, learning rate 1e-3, batches of 64."""
    y, optimizer = torch.from_numpy(labels.astype(np.int64)), torch.optim.Adam(network.parameters(), 1e-3)
    for _ in range(epochs):
        for index in torch.split(torch.randperm(len(x)), 64):
            optimizer.zero_grad()
            functional.cross_entropy(network(x[index]), y[index]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()


def quality_table(qualities: Mapping[str, Sequence[Quality]], features: Features) -> Figure:
    """One row for each kind of samples, with the mean over seeds."""
    return table(
        ("samples", "precision", "coverage", "F1", "Fréchet distance"),
        (
            (kind, *(interval(asdict(mean_quality(each, key))) for key in SHOWN))
            for kind, each in qualities.items()
        ),
        "Quality of the samples, measured in the 64 features of a small digit classifier that was trained on "
        f"at most 20,000 images (accuracy on the test images: {percent(features.accuracy)}); the mean over "
        "seeds with its 95 % interval. Precision is the share of samples that are as near to a real image as "
        "that image's third neighbour among the real ones; coverage is the share of real images that a "
        "sample is as near to; F1 is their harmonic mean. The Fréchet distance from the training images "
        "compares means and covariances only, relative to the variance of the features: a normal "
        "distribution that was fitted to codes has an advantage. The row of real test images is for "
        "comparison.",
    )


def mean_quality(qualities: Sequence[Quality], key: str) -> Estimate:
    """The mean of one measure over seeds; a single value stands for itself."""
    values = [getattr(quality, key) for quality in qualities]
    return mean_of(values) if len(values) > 1 else exact(values[0])


def gain(first: Sequence[Quality], second: Sequence[Quality]) -> Estimate:
    """The F1 of one kind of samples minus that of another; the mean over seeds."""
    return mean_of([a.f1 - b.f1 for a, b in zip(first, second, strict=True)])


def distance_ratio(first: Sequence[Quality], second: Sequence[Quality]) -> Estimate:
    """The Fréchet distance of one kind of samples divided by that of another; the mean over seeds."""
    return mean_of([a.distance / b.distance for a, b in zip(first, second, strict=True)])
