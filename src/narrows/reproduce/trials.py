"""Small experiments that entries compare: a subset of the rows, one kind of network, one error measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.reproduce.lab import mse
from narrows.runs.run import Run

TEST_IMAGES = 2000
"""Test images of a small experiment. Testing all 10,000 after each epoch would take longer than training."""

SQUARED = {"name": "squared", "link": "sigmoid"}
"""The squared error, summed over pixels in [0, 1]."""


def subset(data: Data, rows: int, tested: int = TEST_IMAGES) -> Data:
    """The first `rows` training images, and the first `tested` test images."""
    test = data.held_out.rows(np.arange(min(tested, len(data.held_out))))
    train = data.rows(np.arange(min(rows, len(data))))
    return replace(train, test=test, name=f"{data.name}, tested on {len(test)}")


def mlp(widths: Sequence[int], *, training: Any = None, **options: Any) -> dict[str, Any]:
    """Overrides for an MLP with hidden layers of `widths`, ReLU, a mirrored decoder and a squared loss."""
    encoder = {"name": "mlp", "widths": list(widths), "activation": "relu", **options}
    return {"encoder": encoder, "loss": SQUARED, "training": training or {}}


def reconstruction_error(run: Run, data: Data) -> float:
    """The mean squared error per value of the reconstructions of `data`, on the model's scale."""
    return mse(run.scaled(data.array), run.reconstruct_scaled(data.array))


def nearest_distances(x: Array, data: Array) -> Array:
    """The Euclidean distance of each row of `x (n, values)` to its nearest neighbour in `data`."""
    from sklearn.neighbors import NearestNeighbors

    distances, _ = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(data).kneighbors(x)
    return np.asarray(distances[:, 0])


def errors_by_epoch(run: Run, which: str, stage: str = "whole") -> list[float]:
    """The mean squared error per value in each epoch of a training stage.

    Args:
        run: trained with `SQUARED`, whose loss is a sum over values.
        which: "train", the mean over the epoch's batches; or "validation", measured after the epoch.
        stage: the name of the stage.
    """
    size = int(np.prod(run.schema.shape))
    return [epoch[which]["reconstruction"] / size for epoch in run.history if epoch["stage"] == stage]


def reconstruct_bytes(run: Run, values: Array) -> Array:
    """Reconstructions in [0, 1] of 8-bit grey images `(n, height, width)`."""
    return np.clip(run.reconstruct_scaled(values), 0, 1).reshape(values.shape)
