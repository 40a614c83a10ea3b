"""Ratios of the bits of two methods at the same quality, with bootstrap intervals.

The mean of the logarithm of the ratio over qualities is the Bjøntegaard delta rate (Bjøntegaard 2001, ITU-T
VCEG-M33), here of a few points.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from statistics import fmean

import numpy as np

from narrows.evaluation.codec_bytes import Made
from narrows.evaluation.errors import Floats
from narrows.evaluation.ratios import Interval, ratio_interval


def interval(ours: Sequence[Made], theirs: Sequence[Made], values: Floats) -> Interval:
    """95 % bootstrap interval of the geometric mean of ours / theirs over qualities, resampling parts.

    Bits and errors are resampled together: bits of a part whose error differs from the mean are those that
    it would take at the mean error.

    Args:
        ours: at each quality.
        theirs: at the same qualities.
        values: `(parts,)`, how many each part has.
    """
    slope = elasticity(ours)
    mine, other = (combined([at_mean_error(each, values, slope) for each in made]) for made in (ours, theirs))
    return ratio_interval(mine, other)


def elasticity(made: Sequence[Made]) -> float:
    """By how many percent fewer bits there are where the error is larger by one percent."""
    (bits, squared), (fewer, larger) = ((float(each.sum()) for each in made[i]) for i in (-1, 0))
    return log(bits / fewer) / log(larger / squared) if larger > squared else 0.0


def at_mean_error(made: Made, values: Floats, slope: float) -> Floats:
    """The bits of each part, `(parts,)`, as if its error were the mean; to first order, with the same sum."""
    excess = made.squared / made.squared.sum() - values / values.sum()
    return np.asarray(made.bits + slope * made.bits.sum() * excess, np.float64)


def combined(bits: Sequence[Floats]) -> Floats:
    """Parts whose sum is the geometric mean of the sums of `bits (parts,)`, and varies as that does."""
    total = exp(fmean(log(each.sum()) for each in bits))
    return np.asarray(total * np.mean([each / each.sum() for each in bits], axis=0), np.float64)
