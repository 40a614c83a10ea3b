"""How far each frame of a movie is shifted against the one before, in whole pixels, in spite of their noise.

The shift is where two frames correlate most. Noise moves that place, and a lattice correlates with itself at
every period. A drift hardly changes from one frame to the next, so that the correlations of neighbouring
pairs of frames are averaged; a pair has a shift of its own only where noise does not explain it. Of shifts
that fit equally well the smallest is taken.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.ndimage import gaussian_filter, maximum_filter

from narrows.data.columns import Array

Floats = NDArray[np.float32]

FARTHEST, SHARE = 64, 4
"""A shift is looked for up to so many pixels, or up to this part of the shorter side, whichever is less."""

FINE, COARSE = 1.0, 16
"""Structure finer than this many pixels is mostly noise, and structure coarser than this part of the shorter
side may be the illumination, which does not move: both are removed."""

WINDOW = 4
"""The correlations of so many pairs before and after are averaged."""

CERTAIN, ALIKE, LIKELY = 6.0, 4.0, 2.0
"""A correlation counts from so many standard deviations of noise on; two maxima that differ by less fit
alike; and noise explains a difference of so many of its standard deviations."""


class Shifts(NamedTuple):
    """The shifts between neighbouring frames of one movie.

    Attributes:
        steps: `(n - 1, 2)`, how many pixels down and right a frame lies of the one before.
        certain: `(n - 1,)`, whether it was found; else it counts as 0.
    """

    steps: NDArray[np.intp]
    certain: NDArray[np.bool_]


def shifts(frames: Array) -> Shifts:
    """The shifts between neighbours of `frames (n, height, width)`."""
    found = correlations(frames)
    reach, noise = found.shape[1] // 2, deviation(*frames.shape[1:])
    steps, certain = np.zeros((len(found), 2), dtype=np.intp), np.ones(len(found), dtype=np.bool_)
    for i, one in enumerate(found):
        beside = found[max(0, i - WINDOW) : i + WINDOW + 1]
        alone, together = maxima(one, noise), maxima(beside.mean(axis=0), noise / np.sqrt(len(beside)))
        if len(together) and (not len(alone) or fits(one, together[0], noise)):
            steps[i] = together[0] - reach
        elif len(alone):
            steps[i] = alone[0] - reach
        else:
            certain[i] = False
    return Shifts(steps, certain)


def correlations(frames: Array) -> Floats:
    """The correlation of each frame with the next at all shifts, `(n - 1, 2 · reach + 1, 2 · reach + 1)`.

    No shift is in the middle; each is of the pixels that both frames have.
    """
    size = frames.shape[1:]
    reach = max(1, min(FARTHEST, min(size) // SHARE))
    padded = [next_fast_len(side + reach, real=True) for side in size]
    around = [np.arange(-reach, reach + 1) for _ in size]
    count = np.multiply.outer(*(side - np.abs(at) for side, at in zip(size, around, strict=True)))
    made = np.empty((len(frames) - 1, *count.shape), dtype=np.float32)
    before: NDArray[np.complex64] | None = None
    for i, frame in enumerate(frames):
        now = rfft2(structure(frame), padded)
        if before is not None:
            shifted = irfft2(before.conj() * now, padded)
            made[i - 1] = shifted[np.ix_(*around)] / count
        before = now
    return made


def structure(frame: Array) -> Floats:
    """A frame without its finest and its coarsest structure, of mean 0 and standard deviation 1."""
    fine = gaussian_filter(np.asarray(frame, dtype=np.float32), FINE)
    fine -= gaussian_filter(fine, max(4 * FINE, min(frame.shape) / COARSE))
    fine -= fine.mean()
    return fine / (float(fine.std()) or 1.0)


def deviation(height: int, width: int) -> float:
    """The standard deviation of the correlation of independent noise after `structure`."""
    # Noise that was smoothed by σ has the autocorrelation exp(-r² / 4σ²), whose square adds up to 2πσ².
    return float(np.sqrt(2 * np.pi * FINE**2 / (height * width)))


def maxima(correlation: Floats, noise: float) -> NDArray[np.intp]:
    """The places `(n, 2)` of maxima that fit alike, the one with the smallest shift first; none in noise.

    Args:
        correlation: at all shifts.
        noise: its standard deviation.
    """
    most = float(correlation.max())
    if most < CERTAIN * noise:
        return np.zeros((0, 2), dtype=np.intp)
    peaks = (correlation == maximum_filter(correlation, 3)) & (correlation > most - ALIKE * noise)
    places = np.argwhere(peaks)
    return places[np.argsort(((places - len(correlation) // 2) ** 2).sum(axis=1), kind="stable")]


def fits(correlation: Floats, place: NDArray[np.intp], noise: float) -> bool:
    """Whether noise explains that the correlation at `place` is below its maximum."""
    best = np.unravel_index(int(correlation.argmax()), correlation.shape)
    square = float(((place - np.array(best)) ** 2).sum())
    # Smoothed noise of near places is alike, so that their difference is smaller.
    differ = noise * np.sqrt(2 - 2 * np.exp(-square / (4 * FINE**2)))
    return float(correlation.max() - correlation[tuple(place)]) <= LIKELY * differ
