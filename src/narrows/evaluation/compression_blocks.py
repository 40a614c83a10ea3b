"""Blocks of 8x8 pixels in images that were compressed as JPEG or as film."""

from __future__ import annotations

import numpy as np

from narrows.evaluation.finest_detail import COLUMNS, ROWS, Floats, Planes

PERIOD = 8
"""The side of a block."""

STRONG, ALONE, SURE = 0.05, 2.0, 8.0
"""Blocks are there if steps between them are larger than those beside by this share of the mean step, by so
many times what other distances show, and by so many standard errors; along both axes."""

LARGEST = 3.0
"""Larger steps than so many times the median count as that."""


def blockiness(planes: Planes) -> float:
    """How much larger the steps between blocks are than others, as a share; 0 if no blocks are seen.

    Args:
        planes: `(n, height, width)`; crops begin at multiples of 8 pixels.
    """
    if min(planes.shape[1:]) < 3 * PERIOD:
        return 0.0
    return min(_between_blocks(_steps(planes, axis)) for axis in (ROWS, COLUMNS))


def _steps(planes: Planes, axis: int) -> Floats:
    """The mean step from each pixel along `axis` to the next."""
    steps = np.abs(np.diff(planes, axis=axis))
    steps = np.minimum(steps, LARGEST * np.median(steps) + 1e-12)
    return np.asarray(steps.mean(axis=(0, 3 - axis), dtype=np.float64))


def _between_blocks(steps: Floats) -> float:
    beyond = steps[1:-1] - (steps[:-2] + steps[2:]) / 2
    phases = [beyond[(np.arange(len(beyond)) + 1) % PERIOD == k] for k in range(PERIOD)]
    means = np.array([phase.mean() for phase in phases])
    best = int(means.argmax())
    away = np.abs((np.arange(PERIOD) - best + PERIOD // 2) % PERIOD - PERIOD // 2)
    chance = phases[best].std() / np.sqrt(len(phases[best]))
    found = means[best] / max(float(steps.mean()), 1e-12)
    alone = means[best] >= ALONE * np.abs(means[away > 1]).max()
    return float(found) if found >= STRONG and alone and means[best] >= SURE * chance else 0.0
