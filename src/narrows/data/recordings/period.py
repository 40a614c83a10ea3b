"""The length of windows over recordings: their period, by the autocorrelation.

The period of many recordings is known to whoever made them; where it is not, the highest peak of the
autocorrelation is as good as any other estimate (Paparrizos et al. 2022, "TSB-UAD", VLDB 15, takes it for
the windows of all its methods).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array

SHORTEST, LONGEST = 8, 500
"""The shortest and the longest period, in time steps."""

WITHOUT_PERIOD = 100
"""The length of windows over a recording without a period."""

PARTS = 16
"""A recording holds at least so many windows side by side, so that each part of a split has some beside the
gaps between the parts."""

MIN_PROMINENCE, NOISE = 0.05, 7.0
"""A peak of the autocorrelation rises above the lowest values beside it by this, and by so many standard
deviations of the autocorrelation of white noise, 1 / √steps."""

AS_HIGH = 0.9
"""Multiples of a period have peaks, too; the first that reaches this share of the highest is the period."""

MOST_STEPS = 2**17
"""Time steps that the autocorrelation is computed of, at the most: the first ones."""


def usual_window(values: Array) -> int:
    """The length of windows over a recording where none is given: its period.

    The period is the lag of the first of the highest peaks of the autocorrelation, between `SHORTEST` and
    `LONGEST`; without a peak the length is `WITHOUT_PERIOD`. `PARTS` windows fit into the recording.

    Args:
        values: `(time, channels)`, one recording; NaN is a missing value.

    Returns:
        The number of time steps, 1 or more.

    >>> steps = np.arange(1000)[:, None]
    >>> usual_window(np.sin(2 * np.pi * steps / 40)), usual_window(0.0 * steps), usual_window(steps[:80])
    (40, 62, 5)
    """
    return max(1, min(period(values) or WITHOUT_PERIOD, len(values) // PARTS))


def period(values: Array) -> int | None:
    """The lag of the first high peak of the autocorrelation of `values (time, channels)`, if there is one."""
    from scipy.signal import find_peaks

    # Peaks are looked for beyond the longest period, so that one at the end can be told from a slope.
    first = values[:MOST_STEPS]
    correlations = autocorrelation(first)[: 2 * LONGEST]
    prominence = max(MIN_PROMINENCE, NOISE / np.sqrt(max(1, len(first))))
    peaks = find_peaks(correlations, prominence=prominence)[0]
    peaks = peaks[(peaks >= SHORTEST) & (peaks <= LONGEST) & (correlations[peaks] > 0)]
    heights = correlations[peaks]
    return int(peaks[heights >= AS_HIGH * heights.max()][0]) if len(peaks) else None


def autocorrelation(values: Array) -> NDArray[np.float64]:
    """The mean autocorrelation of the channels of `values (time, channels)` for each lag, `(time,)`.

    A missing value counts as the mean of its channel; a constant channel does not count.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    x = np.asarray(values, dtype=np.float64)
    seen = np.isfinite(x)
    means = np.where(seen, x, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    centred = np.where(seen, x - means, 0.0)
    scale = np.abs(centred).max(axis=0)
    varying = scale > 1e-12 * np.abs(means)
    if not varying.any():
        return np.zeros(len(x))
    spectrum = rfft(centred[:, varying] / scale[varying], next_fast_len(2 * len(x)), axis=0)
    products = irfft(np.abs(spectrum) ** 2, next_fast_len(2 * len(x)), axis=0)[: len(x)]
    found: NDArray[np.float64] = (products / products[0]).mean(axis=1)
    return found
