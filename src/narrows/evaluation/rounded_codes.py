"""Held-out examples at the qualities of a model whose code is rounded: bits, errors, and what comes back.

Bits are the ideal code length -log2 p of the rounded coefficients, which an entropy coder reaches within one
percent, so that none is needed.
"""

from __future__ import annotations

from math import log, log10
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.core.records import Batch
from narrows.data.limits import whole_type
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.model.bottlenecks.rounded import Rounded
from narrows.model.build import Model
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled

SHARES = (0.75, 0.5, 0.25)
"""The errors that are measured, as shares of the logarithmic range of the training: the coarsest first."""


class Coded(NamedTuple):
    """Examples at one quality.

    Attributes:
        bits: `(n,)`, the ideal length of the code of each.
        squared: `(n,)`, the squared error of each, summed over its values, where their range is 1.
        made: `(n, *shape)`, what comes back, in the type of the data.
    """

    bits: Floats
    squared: Floats
    made: Array

    def psnr(self, values: int) -> float:
        """The peak signal-to-noise ratio of all `values` together, in dB."""
        return -10 * log10(max(float(self.squared.sum()) / values, 1e-30))


def rounds(run: Run) -> bool:
    """Whether the code is rounded for an entropy coder, so that the model is judged by bytes."""
    return isinstance(run.model.bottleneck, Rounded)


def errors_of(run: Run) -> list[float]:
    """The errors s at which the model is measured, the coarsest first, on its scale."""
    chosen = rounded(run.model)
    return [chosen.fine * (chosen.coarse / chosen.fine) ** share for share in SHARES]


def rounded(model: Model) -> Rounded:
    """The bottleneck of a model that rounds."""
    assert isinstance(model.bottleneck, Rounded)
    return model.bottleneck


def coded(run: Run, x: Scaled, s: float) -> Coded:
    """The examples `x`, rounded at the error `s`."""

    def use(model: Model, batch: Batch) -> Tensor:
        chosen, asked = rounded(model), batch.x.new_full((batch.n,), s)
        y = chosen.coefficients(model.encoder(batch.x, batch.context))
        y = chosen.numbers(y, asked) * chosen.step(asked)
        made = model.decode(chosen.code(y, asked).flatten(1))
        return torch.cat([chosen.cost(y, asked)[:, None] / log(2), made.flatten(1)], dim=1)

    found = run.apply(x, use)
    schema, scaling = run.schema, run.scaling
    limits = whole_type(schema.dtype, scaling.precision) if schema.spatial else None
    y = torch.as_tensor(found[:, 1:]).reshape(-1, *schema.model_shape)
    made = schema.restore_as(y, scaling, np.dtype(schema.dtype), limits).numpy()
    difference = run.scaled(made) - x.flat
    squared = scaling.unit * np.nansum(difference**2, axis=1, dtype=np.float64)
    return Coded(found[:, 0].astype(np.float64), np.asarray(squared), made)


def at_middle(run: Run, x: Scaled) -> Array:
    """What comes back of the examples `x` at the quality in the middle, in the type of the data."""
    return coded(run, x, errors_of(run)[len(SHARES) // 2]).made
