"""Sequences and recordings of any length reconstructed, and the quality of denoised ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from narrows.data.examples import Data
from narrows.data.recordings.windows import averaged
from narrows.data.schema import Array
from narrows.evaluation.smoothing import SMOOTHERS, smoothed
from narrows.runs.run import Run


def reconstructed(run: Run, data: Data, use: Callable[[Array], Array] | None = None) -> list[Array]:
    """Each sequence of `data` after the model, `(time, channels)`, in the type and with the length it came.

    Where windows of a recording overlap it is their mean; a time step without a window is missing.

    Args:
        run: a fitted run.
        data: sequences that were read for it.
        use: what is done with examples `(n, time, channels)`; `run.reconstruct` if not given.
    """
    use = use or run.reconstruct
    made = data.source.in_order(np.concatenate([use(piece) for _, piece in data.source.pieces()]))
    if data.recordings is None:
        return list(made)
    if data.patches is None:
        return [each[: len(came)] for each, came in zip(made, data.recordings, strict=True)]
    return [in_type(each, made.dtype) for each in averaged(made, data.patches)]


def sequences(data: Data) -> list[Array]:
    """The sequences of `data` as they came, `(time, channels)` each."""
    if data.recordings is None:
        return list(data.array)
    return [each.values for each in data.recordings]


def in_type(values: Array, dtype: np.dtype[Any]) -> Array:
    """`values` in `dtype`, rounded if that is of integers."""
    return (np.rint(values) if dtype.kind in "iu" else values).astype(dtype)


LAGS = (1, 2)
"""Distances in time steps for which a residual is correlated with itself."""


class SequenceQuality:
    """The quality of denoised sequences: mean squared errors in variances of a channel of the training part.

    Args:
        run: the denoiser.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.rows: list[dict[str, float]] = []

    def add(self, noisy: Array, made: Array, clean: Array | None = None) -> None:
        """Measure the sequence `made` of `noisy (time, channels)`, beside the clean one if there is one."""
        x, y = self._scaled(noisy), self._scaled(made)
        if clean is None:
            self.rows.append(removed(x - y))
            return
        z = self._scaled(clean)
        smooth = {name: error(smoothed(how, x, z), z) for name, how in SMOOTHERS.items()}
        self.rows.append({"error": error(y, z), "noisy_error": error(x, z), **smooth})

    def _scaled(self, values: Array) -> Array:
        """`values (time[, channels])` on the model's scale, `(time, channels)`."""
        schema = replace(self.run.schema, shape=values.shape)
        layout = torch.as_tensor(schema.arrange(values[None]), dtype=torch.float64)
        return self.run.scaling(layout)[0].T.numpy()

    def record(self) -> dict[str, Any]:
        """Means over sequences as `denoise --json` prints them."""
        means = {name: float(np.mean([row[name] for row in self.rows])) for name in self.rows[0]}
        if "error" not in means:
            return {"residual": means}
        yardsticks = {name: means.pop(name) for name in SMOOTHERS}
        return {**means, "yardsticks": yardsticks}


def error(made: Array, clean: Array) -> float:
    """The mean squared error over the values of `clean` that are there."""
    return float(np.nanmean((made - clean) ** 2))


def removed(residual: Array) -> dict[str, float]:
    """The mean and the whiteness of a residual `(time, channels)`, over the values that are there.

    The whiteness is 1 minus the largest absolute autocorrelation at `LAGS`, as for images.
    """
    mean = float(np.nanmean(residual))
    rest = np.nan_to_num(residual - mean)
    power = float((rest**2).sum())
    largest = max(abs(float((rest[lag:] * rest[:-lag]).sum())) for lag in LAGS if lag < len(rest))
    return {"mean": mean, "whiteness": 1 - (largest / power if power else 0.0)}
