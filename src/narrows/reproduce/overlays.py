"""Whether images show one digit, or two laid over each other."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from narrows.data.schema import Array
from narrows.reproduce.sample_quality import feature_network, shaped, train_classifier
from narrows.training.devices import seeded


class OverlayDetector:
    """A classifier of images of one digit and averages of two images of different digits.

    The strokes of an average are paler; each image is divided by its maximum, so that this tells nothing.

    Args:
        images: of one digit each `(n, 784)` in [0, 1]. If a model has made them, its blur tells nothing.
        labels: the digits `(n,)`.
        epochs: of training.
        seed: seeds the pairs and the training.
    """

    def __init__(self, images: Array, labels: Array, epochs: int, seed: int) -> None:
        two = (images + images[partners(labels, np.random.default_rng(seed))]) / 2
        both, which = np.concatenate([images, two]), np.repeat([1, 0], len(images))
        with seeded(seed, torch.device("cpu")):
            self.network = nn.Sequential(feature_network(), nn.Linear(64, 2))
            train_classifier(self.network, shaped(brightened(both)), which, epochs)

    @torch.no_grad()
    def single(self, images: Array) -> float:
        """The share of images `(n, 784)` that are taken for one digit."""
        return float((self.network(shaped(brightened(images))).argmax(dim=1) == 1).float().mean())


def partners(labels: Array, rng: np.random.Generator) -> Array:
    """For each label the place of another one, drawn at random, `(n,)`."""
    drawn = rng.permutation(len(labels))
    while (same := labels[drawn] == labels).any():
        drawn[same] = rng.integers(len(labels), size=int(same.sum()))
    return drawn


def brightened(images: Array) -> Array:
    """Images `(n, 784)`, each divided by its maximum."""
    return images / np.maximum(images.max(axis=1, keepdims=True), 1e-6)
