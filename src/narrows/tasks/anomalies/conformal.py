"""Split-conformal calibration: p-values and thresholds from the scores of held-out rows.

Vovk, Gammerman & Shafer 2005, "Algorithmic learning in a random world"; Bates et al. 2023, "Testing for
outliers with conformal p-values", Annals of Statistics 51. The score can be any function of a row that was
fixed without the held-out rows.
"""

from __future__ import annotations

from math import floor
from typing import NamedTuple

import numpy as np

from narrows.core.registry import within
from narrows.evaluation.errors import Floats


class Threshold(NamedTuple):
    """The score above which a row is flagged.

    `largest` says that the requested share is below 1/(n + 1), and that the score is the largest of the n
    held-out rows.
    """

    score: float
    largest: bool


def p_values(scores: Floats, held_out: Floats) -> Floats:
    """(1 + number of held-out scores at least as high) / (1 + number of held-out scores), `(n,)`.

    For a row exchangeable with the held-out rows, P(p ≤ e) ≤ e for every e.

    >>> p_values(np.array([0.0, 2.5, 9.0]), np.array([1.0, 2.0, 3.0])).tolist()
    [1.0, 0.5, 0.25]
    """
    below = np.searchsorted(np.sort(held_out), scores, side="left")
    return (1 + len(held_out) - below) / (1 + len(held_out))


def threshold(held_out: Floats, expect: float) -> Threshold:
    """The score that a share `expect` of rows like the held-out ones exceeds.

    Rows above it are those with a p-value of at most `expect`. The smallest p-value of n held-out rows is
    1/(n + 1); for a smaller `expect` the threshold is the largest held-out score.

    >>> threshold(np.arange(1.0, 100.0), 0.05)
    Threshold(score=95.0, largest=False)
    """
    within("expect", expect, 0, 1)
    rank = floor(expect * (len(held_out) + 1) + 1e-9) - 1
    return Threshold(float(np.sort(held_out)[::-1][max(0, min(rank, len(held_out) - 1))]), rank < 0)
