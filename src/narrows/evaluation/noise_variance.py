"""How the variance of the noise depends on the signal: a robust fit to the flattest blocks.

After Foi, Trimeche, Katkovnik & Egiazarian 2008, IEEE Trans. Image Process. 17, and Liu, Tanaka & Okutomi
2013, IEEE Trans. Image Process. 22.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from narrows.evaluation.finest_detail import COLUMNS, ROWS, Detail, Floats
from narrows.evaluation.noise import Noise
from narrows.evaluation.noise_correlation import Correlation

ORDER, HIGHER = 4, 8
"""Of the difference, and of another that would have the same variance if there were noise alone."""

LEVELS, FLAT = 20, 0.2
"""Levels of brightness, at the most, and the share of the blocks of a level that are the flattest."""

OF_LEVEL = 40
"""The flattest blocks of a level of brightness, at the least."""

STRAY = 8.0
"""A block counts as textured if its variance is so many times the median of its level."""

ROUGH = 0.05
"""The relative error of the variance of a level that is expected beside that of chance."""

GROWS = 0.2
"""From this share of the variance on, at the usual signal, a part of it counts."""

SURE = 3.0
"""A dependence below so many of its standard errors is none."""

Nature = Literal["gaussian", "poisson", "mixed"]


class Level(NamedTuple):
    """A level of brightness: the signal, the variance of the noise there and its relative error."""

    signal: float
    variance: float
    error: float


class Dependence(NamedTuple):
    """The noise, and how it depends on the signal.

    Attributes:
        noise: in units of the data.
        nature: `gaussian` if the variance is the same at every signal, `poisson` if all of it grows with the
            signal, else `mixed`.
        falls: whether the noise is weaker where the signal is larger.
        levels: what was fitted.
    """

    noise: Noise
    nature: Nature
    falls: bool
    levels: tuple[Level, ...]

    @property
    def strength(self) -> float:
        """The standard deviation of the noise at the usual signal."""
        return float(np.sqrt(self.noise.variance(np.array(self.usual))))

    @property
    def usual(self) -> float:
        """The median of the signal of the levels."""
        return float(np.median([level.signal for level in self.levels]))


def dependence(detail: Detail, *along: Correlation) -> Dependence:
    """The dependence of the noise of pixels on the signal, without what whole lines have in common.

    Args:
        detail: of images.
        along: the correlations along the axes along which the noise is correlated, which differences reduce.
    """
    kept = float(np.prod([each.kept(ORDER) for each in along]))
    return fitted(tuple(level._replace(variance=level.variance / kept) for level in levels(detail)))


def levels(detail: Detail) -> tuple[Level, ...]:
    """The variance of the flattest blocks of each level of brightness."""
    variance, other = (
        detail.blocks(detail.inner(detail.residual(n, ROWS, COLUMNS)) ** 2) for n in (ORDER, HIGHER)
    )
    edges = detail.blocks(detail.inner(detail.edges))
    signal = detail.blocks(detail.inner(detail.brightness(ORDER, ROWS, COLUMNS)))
    usable = np.flatnonzero(detail.usable)
    number = int(np.clip(FLAT * len(usable) / OF_LEVEL, 1, LEVELS))
    found = []
    for level in np.array_split(usable[np.argsort(signal[usable], kind="stable")], number):
        flat = level[np.argsort(edges[level], kind="stable")[: max(OF_LEVEL, int(FLAT * len(level)))]]
        flat = flat[variance[flat] <= STRAY * np.median(variance[flat])]
        found.append(summary(signal[flat], variance[flat], other[flat]))
    return tuple(found)


def summary(signal: Floats, variance: Floats, other: Floats) -> Level:
    """The level of blocks of one brightness; texture makes its variances by two differences unlike."""
    mean, unlike = float(variance.mean()), float(np.abs(other.mean() - variance.mean()))
    chance = float(variance.std()) / np.sqrt(len(variance))
    error = float(np.sqrt(ROUGH**2 + (chance**2 + unlike**2) / mean**2)) if mean else 1.0
    return Level(float(signal.mean()), mean, error)


def fitted(found: tuple[Level, ...]) -> Dependence:
    """The line through the variances of levels, of which some may hold texture."""
    from scipy.optimize import least_squares

    signal, variance, error = (np.array(column) for column in zip(*found, strict=True))
    middle, level = float(np.median(signal)), float(np.median(variance))
    span = float(signal.max() - signal.min())
    if level == 0 or span == 0:
        return Dependence(Noise(float(np.sqrt(level))), "gaussian", False, found)

    def off(line: Floats) -> Floats:
        return np.asarray((line[0] + line[1] * (signal - middle) / span - variance / level) / relative)

    relative = error * np.maximum(variance / level, ROUGH)
    best = least_squares(off, np.array([1.0, 0.0]), loss="cauchy", bounds=([1e-6, -np.inf], np.inf))
    at_middle, change = best.x
    chance = np.sqrt(np.linalg.pinv(best.jac.T @ best.jac)[1, 1])
    if abs(change) < max(GROWS * at_middle, SURE * chance) or change < 0:
        falls = bool(-change >= max(GROWS * at_middle, SURE * chance))
        return Dependence(Noise(float(np.sqrt(at_middle * level))), "gaussian", falls, found)
    return described(middle, at_middle * level, change * level / span, found)


def described(middle: float, level: float, slope: float, found: tuple[Level, ...]) -> Dependence:
    """The rising line `level + slope · (signal - middle)` as noise."""
    offset = min(0.0, found[0].signal)
    read = level - slope * (middle - offset)
    if read >= GROWS * level:
        return Dependence(Noise(float(np.sqrt(read)), slope, offset), "mixed", False, found)
    zero = middle - level / slope
    near = abs(zero - offset) < GROWS * (middle - offset)
    return Dependence(Noise(0.0, slope, offset if near else zero), "poisson", False, found)
