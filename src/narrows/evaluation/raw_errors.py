"""Errors of the values as they came, where the model's scale bends them by arsinh or a square root.

Each column counts in units of its variance in the training part; columns that share a scale, in units of
their mean variance. Without bending these are the errors on the model's scale.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.data.schema import Array
from narrows.evaluation.errors import Errors, Floats, errors
from narrows.evaluation.pca import Pca
from narrows.runs.run import Run


class Unbent:
    """The map from the model's scale to the values as they came, in the units of this module.

    Args:
        run: whose scaling bends values.
        train: training rows on the model's scale, `(n, values)`.
    """

    def __init__(self, run: Run, train: Array) -> None:
        self.run = run
        bent, varying = (
            each.expand(run.schema.model_shape).flatten().numpy()
            for each in (run.scaling.bent, run.scaling.scale > 0)
        )
        deviation = np.nanstd(self.values(train), axis=0)
        if run.scaling.shared:
            deviation = np.full_like(deviation, np.sqrt((deviation[varying] ** 2).mean()))
        self.bent, self.unit = bent, np.where(bent & (varying | run.scaling.shared), deviation, 1.0)

    def values(self, rows: Array, *, kept: bool = False) -> NDArray[np.float64]:
        """`rows (n, values)` of the model's scale as they came; `kept` to the range of the training part."""
        scaling = self.run.scaling
        shaped = torch.as_tensor(rows, dtype=torch.float64).reshape(-1, *self.run.schema.model_shape)
        # Not the inverse of the scaling, which repeats constants of the training part.
        values = scaling.unbend(shaped * scaling.step + scaling.offset)
        values = values.clamp(scaling.floor, scaling.ceiling) if kept else values
        return values.flatten(1).numpy().astype(np.float64)

    def __call__(self, rows: Array, *, kept: bool = False) -> Floats:
        """`rows (n, values)` of the model's scale without bending."""
        return np.where(self.bent, self.values(rows, kept=kept) / self.unit, rows)


def raw_errors(
    run: Run, train: Array, x: Array, ours: Array, pca: Array
) -> tuple[Errors, Errors, Errors] | None:
    """The errors of the values as they came: of the model, of PCA and of the training mean.

    PCA is the better one of two: on the model's scale, and fitted to the values as they came.

    Args:
        run: the fitted run.
        train: training rows on the model's scale, `(n, values)`.
        x: the held-out rows, likewise.
        ours: what the model makes of them.
        pca: what PCA on the model's scale makes of them.

    Returns:
        None where the model's scale bends nothing.
    """
    if not run.scaling.bent.any():
        return None
    unbent = Unbent(run, train)
    wanted, rows = unbent(x), unbent(train)
    straight = Pca.fit(rows, run.model.numbers)
    made = [unbent(ours, kept=True), unbent(pca, kept=True), straight.reconstruct(wanted), straight.mean]
    model, bent, direct, mean = (
        errors(wanted, np.broadcast_to(each, wanted.shape), run.schema.starts) for each in made
    )
    return model, min(bent, direct, key=lambda each: each.mse), mean
