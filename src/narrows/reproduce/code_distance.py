"""How far codes are from a sample of their prior: a two-sample test, and the size of the effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from scipy.stats import norm

from narrows.data.schema import Array

Sampler = Callable[[int, np.random.Generator], Array]
"""Draws `n` codes `(n, code_size)` from a prior."""

SMALL_EFFECT = float(norm.cdf(0.2 / 2**0.5))
"""How often a pair of draws is told apart if two normal distributions differ by 0.2 standard deviations.

That is a small effect (Cohen 1988, Statistical power analysis for the behavioral sciences)."""

DIRECTIONS = 50
REPEATS = 100


class NormalTest(NamedTuple):
    """Codes compared with N(0, I).

    Attributes:
        distance: their sliced Wasserstein distance from N(0, I), in standard deviations.
        by_chance: its 95 % quantile for as many draws from N(0, I).
    """

    distance: float
    by_chance: float


def normal_test(z: Array, rng: np.random.Generator) -> NormalTest:
    """Compare codes `z (n, code_size)` with N(0, I)."""
    n, d = z.shape
    drawn = [sliced_distance(rng.standard_normal((n, d)), rng) for _ in range(REPEATS)]
    return NormalTest(sliced_distance(z, rng), float(np.quantile(drawn, 0.95)))


def sliced_distance(z: Array, rng: np.random.Generator) -> float:
    """The Wasserstein-1 distance of `z (n, code_size)` from N(0, I), the mean over random directions."""
    n, d = z.shape
    directions = rng.standard_normal((d, DIRECTIONS))
    quantiles = torch.special.ndtri((torch.arange(n, dtype=torch.float64) + 0.5) / n).numpy()[:, None]
    projected = np.sort(z @ (directions / np.linalg.norm(directions, axis=0)), axis=0)
    return float(np.abs(projected - quantiles).mean())


def told_apart(z: Array, prior: Sampler, rng: np.random.Generator) -> float:
    """How often a classifier tells a code of `z (n, code_size)` from a draw of `prior`: 0.5 by chance.

    The classifier test of Lopez-Paz & Oquab 2017, ICLR, with the area under the ROC curve in place of
    the accuracy: boosted trees are trained on half of the codes and tested on the other half.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    half = len(z) // 2
    x = np.concatenate([z[: 2 * half], prior(2 * half, rng)])
    y = np.repeat([1, 0], 2 * half)
    tested = np.arange(len(x)) % 2 == 1
    seed = int(rng.integers(2**31))
    trees = HistGradientBoostingClassifier(early_stopping=True, random_state=seed).fit(x[~tested], y[~tested])
    return float(roc_auc_score(y[tested], trees.predict_proba(x[tested])[:, 1]))
