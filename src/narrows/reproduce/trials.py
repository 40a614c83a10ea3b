"""Small trainings that entries compare: some of the rows, one kind of network, errors on one scale."""

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
"""Test images on which a small training is judged: after each epoch all would take longer than it."""

SQUARED = {"name": "squared", "link": "sigmoid"}
"""The sum of squares between pixels in [0, 1]."""


def subset(data: Data, rows: int) -> Data:
    """The first `rows` training images, to be judged on the first of the test images."""
    test = data.held_out.rows(np.arange(min(TEST_IMAGES, len(data.held_out))))
    few = data.rows(np.arange(min(rows, len(data))))
    return replace(few, test=test, name=f"{data.name}, judged on {len(test)}")


def mlp(widths: Sequence[int], *, training: Any = None, **options: Any) -> dict[str, Any]:
    """Overrides for layers of `widths` with rectified linear units, mirrored, and squared errors."""
    encoder = {"name": "mlp", "widths": list(widths), "activation": "relu", **options}
    return {"encoder": encoder, "loss": SQUARED, "training": training or {}}


def reconstruction_error(run: Run, data: Data) -> float:
    """The mean squared error per value, on the model's scale."""
    return mse(run.scaled(data.array), run.reconstruct_scaled(data.array))


def nearest_distances(x: Array, data: Array) -> Array:
    """The distance of each row of `x (n, values)` to the nearest of the rows of `data`."""
    from sklearn.neighbors import NearestNeighbors

    distances, _ = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(data).kneighbors(x)
    return np.asarray(distances[:, 0])


def errors_by_epoch(run: Run, which: str, stage: str = "whole") -> list[float]:
    """The mean squared error per value after each epoch of a stage, of a loss that is a sum.

    Args:
        run: trained with `SQUARED`.
        which: "train", the mean while learning; or "validation", after the epoch.
        stage: of the training.
    """
    size = int(np.prod(run.schema.shape))
    return [epoch[which]["reconstruction"] / size for epoch in run.history if epoch["stage"] == stage]


def reconstruct_bytes(run: Run, values: Array) -> Array:
    """Reconstructions of grey images `(n, height, width)`, in [0, 1]."""
    return np.clip(run.reconstruct_scaled(values), 0, 1).reshape(values.shape)
