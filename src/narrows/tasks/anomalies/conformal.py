"""From scores to probabilities: how a row compares with rows that were held out of the fitting.

Split-conformal calibration (Vovk, Gammerman & Shafer 2005, "Algorithmic learning in a random world"; Bates et
al. 2023, "Testing for outliers with conformal p-values", Annals of Statistics 51). It asks nothing of the
score but that it was fixed before the held-out rows were looked at.
"""

from __future__ import annotations

from math import floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.registry import within

Floats = NDArray[np.float64]


class Threshold(NamedTuple):
    """The score above which a row is flagged, and whether it is the largest of the held-out ones.

    `largest` says that fewer rows were asked for than so many held-out ones can tell.
    """

    score: float
    largest: bool


def p_values(scores: Floats, held_out: Floats) -> Floats:
    """(1 + how many held-out rows score as high) / (1 + how many there are), `(n,)`.

    Of a row like the held-out ones it is at most e with a probability of at most e, for every e.

    >>> p_values(np.array([0.0, 2.5, 9.0]), np.array([1.0, 2.0, 3.0])).tolist()
    [1.0, 0.5, 0.25]
    """
    below = np.searchsorted(np.sort(held_out), scores, side="left")
    return (1 + len(held_out) - below) / (1 + len(held_out))


def threshold(held_out: Floats, expect: float) -> Threshold:
    """The score that a share `expect` of the rows like the held-out ones exceeds.

    Above it are just the rows whose p-value is at most `expect`. Below 1/(n + 1) no p-value comes, and it
    is the largest score of the n held-out rows.

    >>> threshold(np.arange(1.0, 100.0), 0.05)
    Threshold(score=95.0, largest=False)
    """
    within("expect", expect, 0, 1)
    above = floor(expect * (len(held_out) + 1) + 1e-9) - 1
    return Threshold(float(np.sort(held_out)[::-1][max(0, min(above, len(held_out) - 1))]), above < 0)
