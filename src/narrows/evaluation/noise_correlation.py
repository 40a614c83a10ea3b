"""How the noise of neighbouring pixels is correlated, along rows and along columns.

Along rows it is measured in the finest detail along columns, where white noise has no correlation and little
of the structure is left.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import toeplitz

from narrows.evaluation.finest_detail import COLUMNS, ROWS, Detail, Floats, difference

ORDER = 6
"""Of the difference."""

SIGNIFICANT = 3.0
"""A correlation below so many of its standard errors counts as 0."""

STRAY = 3.0
"""A block counts as textured if its variance is so many times the median."""

LEAST_KEPT = 0.1
"""The share of the variance that a difference keeps, at the least; less cannot be corrected."""

RIDGE = 1e-3
"""Added to the variance, so that measured correlations can be inverted."""


class Correlation(NamedTuple):
    """The correlation of the noise of pixels along one direction.

    Attributes:
        lags: at distances of 1, 2, … pixels.
        strength: the standard deviation of the finest detail across it, in units of the data.
    """

    lags: Floats
    strength: float

    @property
    def of_line(self) -> float:
        """The share of the variance that pixels far from each other in a line have in common, 0 to 1."""
        far = self.lags[len(self.lags) // 2 :]
        return float(np.clip(far.mean(), 0, 1)) if len(far) else 0.0

    @property
    def without_line(self) -> Correlation:
        """The correlation of what pixels far from each other do not have in common."""
        return self._replace(lags=(self.lags - self.of_line) / (1 + RIDGE - self.of_line))

    def kept(self, order: int) -> float:
        """The share of the variance, but that of whole lines, that a difference of `order` keeps.

        Of white noise it is 1.

        >>> Correlation(0.5 ** np.arange(1.0, 17.0), 1.0).kept(2).__round__(2)
        0.42
        """
        weights = difference(order)
        overlaps = np.correlate(weights, weights, "full")[order + 1 :][: len(self.lags)]
        return max(LEAST_KEPT, float(1 + 2 * overlaps @ self.without_line.lags[: len(overlaps)]))

    def predictable(self, hidden: int = 0) -> float:
        """The share of a pixel's noise that pixels of the same line tell, 0 to 1.

        It stays in the result of a network that sees them.

        Args:
            hidden: pixels on either side that are hidden, too.

        >>> Correlation(0.5 ** np.arange(1.0, 9.0), 1.0).predictable().__round__(2)
        0.4
        """
        reach = len(self.lags) // 2
        places = np.array([i for i in range(-reach, reach + 1) if abs(i) > hidden])
        if not len(places) or not self.lags.any():
            return 0.0
        known = np.concatenate([[1 + RIDGE], self.lags])
        among = toeplitz(known)[np.ix_(places + reach, places + reach)]
        beside = known[np.abs(places)]
        return float(np.clip(beside @ np.linalg.solve(among, beside), 0, 1))

    def hidden(self, share: float) -> int | None:
        """How many pixels on either side are hidden until less than `share` is predictable.

        None if it is more even if all that were measured are.
        """
        far = len(self.lags) // 2
        return next((n for n in range(far) if self.predictable(n) < share), None)


def along(detail: Detail, axis: int) -> Correlation:
    """The correlation of the noise along `axis`, `ROWS` or `COLUMNS`."""
    across = COLUMNS if axis == ROWS else ROWS
    residual = detail.residual(ORDER, across)
    here = detail.inner(residual)
    variance = detail.blocks(here * here)[detail.flat]
    kept = variance <= STRAY * np.median(variance)
    level = float(variance[kept].mean())
    if level == 0:
        return Correlation(np.zeros(detail.lags), 0.0)
    lags = np.zeros(detail.lags)
    for k in range(1, detail.lags + 1):
        there = detail.inner(residual, *((0, k) if axis == ROWS else (k, 0)))
        products = detail.blocks(here * there)[detail.flat][kept] / level
        if abs(products.mean()) > SIGNIFICANT * products.std() / np.sqrt(len(products)):
            lags[k - 1] = products.mean()
    return Correlation(lags, float(np.sqrt(level)))
