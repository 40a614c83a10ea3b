"""Lecture S's toy shapes in a latent plane, with and without regularisation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.reproduce.code_spaces import placed
from narrows.reproduce.findings import Figure
from narrows.reproduce.lab import Lab
from narrows.reproduce.variational import PLAIN, SMALL_BATCHES

SIDE, COUNT = 20, 1500
"""Pixels of a side, and images."""


def shapes(seed: int, n: int = COUNT) -> tuple[Array, Array]:
    """Images `(n, 20, 20)` of 8 bits with a circle, a square or a triangle of any size, and which it is."""
    rng = np.random.default_rng(seed)
    kind, radius = np.arange(n) % 3, rng.uniform(4, 8, n)[:, None, None]
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    signed = np.stack(
        [
            radius - np.hypot(x, y),
            0.886 * radius - np.maximum(abs(x), abs(y)),
            np.minimum(0.75 * radius - y, (y + radius - 1.9 * abs(x)) / 2.15),
        ]
    )
    inside = signed[kind, np.arange(n)]
    return (255 * np.clip(inside + 0.5, 0, 1)).round().astype(np.uint8), kind


def toy(seed: int) -> Data:
    """Training and test images."""
    values, kind = shapes(seed)
    schema = describe(values)
    test = Data(InMemory(values[:300]), schema, "toy shapes", labels=kind[:300])
    return replace(test, source=InMemory(values[300:]), labels=kind[300:], test=test)


def gradients(lab: Lab) -> tuple[Figure, ...]:
    """The latent planes of an autoencoder and of a VAE with its network, decoded where the points lie."""
    data, epochs = toy(lab.seed), lab.pick(60, 8)
    small = lab.pick({}, SMALL_BATCHES)
    kinds = {"Without regularisation (AE)": PLAIN, "With the KL term (VAE)": {}}
    runs = {
        name: lab.fit("y5", data, latent_dim=2, overrides={**kind, **small}, epochs=epochs)
        for name, kind in kinds.items()
    }
    return tuple(
        placed(
            run,
            data.held_out,
            f"{name}: circles, squares and triangles of all sizes in a latent plane. Dots are codes of "
            "test images, and pictures what is decoded at their place.",
        )
        for name, run in runs.items()
    )
