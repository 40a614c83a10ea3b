"""The quality of generated digits: Fréchet distance, precision and recall in a classifier's features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.data.schema import Array
from narrows.reproduce.findings import Figure
from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.tables import number, percent, table
from narrows.training.devices import seeded


class Quality(NamedTuple):
    """The quality of samples.

    Attributes:
        distance: Fréchet distance of their features from those of the training images, divided by the
            variance of the latter summed over features.
        precision: share of samples that are near a real image.
        recall: share of real images that are near a sample.
    """

    distance: float
    precision: float
    recall: float


class Features:
    """The 64 features of a digit classifier's penultimate layer, which measure the quality of samples.

    In these features the Fréchet distance depends on what distinguishes digits, and not on every pixel.
    """

    def __init__(self, lab: Lab) -> None:
        data = lab.first(lab.digits, 20_000)
        assert data.labels is not None
        with seeded(lab.seed, torch.device("cpu")):
            self.network = nn.Sequential(
                *(nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU()),
                *(nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU()),
                *(nn.Flatten(), nn.Linear(32 * 7 * 7, 64), nn.ReLU()),
            )
            self.head = nn.Linear(64, 10)
            images = shaped(flat(data.array))
            train_classifier(nn.Sequential(self.network, self.head), images, data.labels, lab.pick(4, 12))
        self.reference = self.of(flat(data.array))
        self.variance = float(self.reference.var(axis=0).sum())
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
        """The quality of images `(n, 784)` in [0, 1]; precision and recall of at most 3000 of them."""
        features, n = self.of(images), min(3000, len(images))
        distance = frechet(features, self.reference) / self.variance
        samples, real = features[:n], self.reference[:n]
        return Quality(distance, share_near(samples, real), share_near(real, samples))


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


def share_near(points: Array, others: Array) -> float:
    """The share of `points (n, features)` that are near one of `others (m, features)`.

    A point is near another if it is no farther away than the other's third neighbour among `others`:
    precision and recall of Kynkäänniemi et al. 2019, NeurIPS.
    """
    a, b = torch.from_numpy(points), torch.from_numpy(others)
    radius = torch.cdist(b, b).kthvalue(4, dim=1).values  # the first is the point itself
    return float((torch.cdist(a, b) <= radius).any(dim=1).float().mean())


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


def quality_table(qualities: Mapping[str, Quality], features: Features) -> Figure:
    """One row for each kind of samples."""
    return table(
        ("samples", "Fréchet distance", "precision", "recall"),
        (
            (name, number(q.distance), percent(q.precision), percent(q.recall))
            for name, q in qualities.items()
        ),
        "Quality of the samples, measured in the 64 features of a small digit classifier that was trained on "
        f"at most 20,000 images (accuracy on the test images: {percent(features.accuracy)}). The Fréchet "
        "distance from the training images compares means and covariances, relative to the variance of the "
        "features. Precision is the share of samples that are as near to a real image as that image's third "
        "neighbour among the real ones; recall is the share of real images that are as near to a sample. "
        "There are as many samples as test images. The row of real test images is for comparison.",
    )
