"""Measure a model by what it restores, beside the damaged rows as they are and methods without a network."""

from __future__ import annotations

from math import prod

import numpy as np

from narrows.data.examples import draw_rows
from narrows.data.schema import Array
from narrows.evaluation.errors import Errors, errors
from narrows.evaluation.pca import LinearFilter, Pca
from narrows.evaluation.restoration import (
    CHOSEN_ON,
    NOISE,
    Method,
    Pairs,
    damage_by,
    fit_methods,
    untouched_name,
)
from narrows.evaluation.restored import Restorations
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled

COMPONENTS = 256
"""Components of the linear filter at the most."""

MOST_VALUES = 2**25
"""Values of training rows at the most that the methods are fitted to."""


def restorations(
    run: Run, train: Scaled, x: Array, damaged: Array, ours: Array
) -> tuple[Restorations, Array]:
    """The errors of the model and of all methods on the same rows, and what the best of the methods restores.

    Args:
        run: the fitted model.
        train: training rows, which the methods are fitted to.
        x: clean rows, `(n, values)`, or what takes their place; see `Run.wanted`.
        damaged: the same, damaged, which the methods are given.
        ours: what the model makes of them.
    """
    shape = run.schema.model_shape

    def of(restored: Array) -> Errors:
        return errors(x, restored, run.schema.starts)

    best, name = within_range(run, damaged), untouched_name(damage(run))
    kinds = {"noisy": bool(run.config.get("exchanged")), "unseen": run.blind}
    found = Restorations(of(ours), {name: of(best)}, peak(run), **kinds)
    for name, method in methods(run, train).items():
        made = within_range(run, method(damaged.reshape(-1, *shape)).reshape(x.shape))
        found = found._replace(others={**found.others, name: of(made)})
        best = made if found.strongest == name else best
    return found, best


def damage(run: Run) -> str:
    """What was done to the rows: noise of pairs, else the damage by the corruption."""
    return NOISE if run.config.get("pairs") else damage_by(run.config["spec"]["corruption"]["name"])


def methods(run: Run, train: Scaled) -> dict[str, Method]:
    """The methods that undo the damage, by name, fitted to training rows."""
    some = train.rows(draw_rows(len(train), max(CHOSEN_ON, MOST_VALUES // prod(run.schema.model_shape))))
    clean, damaged = run.wanted(some), run.corrupted(some)
    found: dict[str, Method] = {}
    if run.schema.spatial == 2:
        shape, corruption = run.schema.model_shape, run.objective.corruption
        pairs = Pairs(clean.reshape(-1, *shape), damaged.reshape(-1, *shape), corruption)
        found |= fit_methods(damage(run), pairs)
    if run.schema.has_pca and not run.blind:
        linear = LinearFilter(Pca.fit(clean, COMPONENTS), clean, damaged)
        found["the best linear filter"] = lambda x: linear.reconstruct(x.reshape(len(x), -1))
    return found


def within_range(run: Run, restored: Array) -> Array:
    """Images limited to the range of their type, as they are stored; other data as they are."""
    return np.clip(restored, *run.ends(restored)) if run.schema.spatial == 2 else restored


def peak(run: Run) -> float | None:
    """The range of images on the model's scale; None for other data, and for images of one value."""
    return (run.scaling.high - run.scaling.low or None) if run.schema.spatial == 2 else None
