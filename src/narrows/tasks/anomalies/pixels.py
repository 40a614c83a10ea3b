"""An anomaly score for each pixel of large images, and the places where it is high.

The residual of a pixel is divided by what is usual at its brightness, as the noise of counts grows with it.
Averages of neighbouring residuals, of several sizes, are divided by what is usual of them; the score of a
pixel is the largest. What is usual is measured on the patches that the run keeps, with medians, so that
anomalies among these hardly matter.

The highest scores around, the peaks, are compared with the usual ones (Schwartzman, Gavrilov and Adler 2011,
https://doi.org/10.1214/11-AOS943, for Gaussian noise; here their distribution is measured).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d, gaussian_filter, gaussian_filter1d, maximum_filter

Floats = NDArray[np.float64]

SCALES = (1.0, 2.0, 4.0)
"""Standard deviations of the averages, in pixels."""

BINS = 32
"""Ranges of brightness, each of which has its usual residual."""

LEAST = 0.05
"""A usual residual is at least this share of the usual one of all pixels."""

RADIUS = 5
"""A peak is the highest score within so many pixels."""

QUANTILES = (0.5, 0.8)
"""Of the peaks of kept patches: those that determine the distribution of usual peaks."""

FALSE = 0.05
"""The share of usual peaks among those that are found."""

TO_STD = 1.4826
"""The standard deviation of a normal distribution, in medians of the absolute value."""


@dataclass(frozen=True, slots=True, eq=False)
class PixelScores:
    """The scores of the pixels of an image, or of several.

    Attributes:
        scores: `(…, height, width)`, higher is more unusual.
        brighter: whether a pixel and its neighbours are brighter than expected, `(…, height, width)`.
    """

    scores: Floats
    brighter: NDArray[np.bool_]


class PixelDetector:
    """The scores of pixels, and which of their peaks are unusual.

    Args:
        reference: values of patches that tell what is usual, and their reconstructions on the same scale,
            `(m, side, side, 2 · channels)`.
    """

    def __init__(self, reference: Floats) -> None:
        values, outputs = np.split(reference, 2, axis=-1)
        channels = zip(by_channel(values - outputs), by_channel(outputs), strict=True)
        self.usual = [usual_residual(*each) for each in channels]
        averages = self._averages(reference)
        side = reference.shape[1]
        self.norms = usual_by_depth(np.abs(averages), max(1, side // 4))
        scores = self._normed(averages).max(axis=(0, 1))
        kept = np.concatenate([middle_peaks(each, side // 4) for each in scores])
        self.in_a_patch = max(1.0, len(kept) / len(scores) * (side / (side - 2 * (side // 4))) ** 2)
        """The number of peaks in a usual patch."""
        low, high = np.quantile(kept, QUANTILES)
        spread = (high - low) / (gumbel(QUANTILES[1]) - gumbel(QUANTILES[0]))
        self.location, self.spread = low - spread * gumbel(QUANTILES[0]), max(spread, 1e-12)

    def _averages(self, made: Floats) -> Floats:
        """Averages of residuals with their sign, `(scales, channels, …, height, width)`."""
        values, outputs = (np.moveaxis(each, -1, 0) for each in np.split(made, 2, axis=-1))
        pairs = zip(values, outputs, self.usual, strict=True)
        residuals = np.stack([(x - y) / np.interp(y, *usual) for x, y, usual in pairs])
        return np.stack([averaged(residuals, scale) for scale in SCALES])

    def _normed(self, averages: Floats) -> Floats:
        """Absolute `averages (scales, channels, …, height, width)` in usual ones, in the same shape."""
        usual = self.norms[..., depth(averages.shape[-2:], self.norms.shape[-1] - 1)]
        between = tuple(range(2, averages.ndim - 2))
        return np.asarray(np.abs(averages) / np.expand_dims(usual, between))

    def scores(self, made: Floats) -> PixelScores:
        """The scores of an image, or of several.

        Args:
            made: its values and their reconstructions, `(…, height, width, 2 · channels)`.
        """
        averages = self._averages(made)
        scores = self._normed(averages).reshape(-1, *made.shape[:-1])
        highest = scores.argmax(axis=0)[None]
        signs = np.take_along_axis(averages.reshape(scores.shape), highest, axis=0)[0]
        return PixelScores(np.take_along_axis(scores, highest, axis=0)[0], signs > 0)

    def p(self, scores: Floats) -> Floats:
        """The probability of a usual peak to have such a score.

        The distribution is that of Gumbel, of the largest of many values, with the `QUANTILES` of the
        peaks in kept patches.
        """
        return -np.expm1(-np.exp((self.location - scores) / self.spread))

    def threshold(self, share: float) -> float:
        """The score that one of the peaks of a usual patch exceeds with a probability of `share`."""
        return float(self.location - self.spread * log(-log(1 - share) / self.in_a_patch))

    def least_found(self, scores: Floats, total: int) -> float:
        """The least score of the peaks that are unusual, infinite if none is.

        They are so many that a share of `FALSE` of them is expected to be usual (Benjamini and Hochberg
        1995): where few peaks are unusual, they must be higher.

        Args:
            scores: of the highest peaks of all images, `(k,)`.
            total: the number of their peaks.
        """
        from scipy.stats import false_discovery_control

        p = np.append(self.p(scores), np.ones(total - len(scores)))
        found = scores[false_discovery_control(p)[: len(scores)] <= FALSE] if total else scores
        return float(np.min(found, initial=np.inf))


def gumbel(share: float) -> float:
    """The quantile of Gumbel's distribution that a `share` of its values is below."""
    return -log(-log(share))


def depth(shape: tuple[int, ...], most: int) -> NDArray[np.intp]:
    """How many pixels lie between a pixel and the nearest border, but `most` at the most, of this shape."""
    down, across = (np.minimum(np.arange(n), np.arange(n)[::-1]) for n in shape)
    return np.minimum(np.minimum.outer(down, across), most)


def usual_by_depth(absolute: Floats, most: int) -> Floats:
    """The usual average at each depth up to `most`, `(scales, channels, most + 1)`.

    Reconstructions are worse at the border of a patch, where an image has no other patch.

    Args:
        absolute: averages of patches without their sign, `(scales, channels, m, side, side)`.
        most: the depth from which on pixels count together.
    """
    deep = depth(absolute.shape[-2:], most)
    medians = [np.median(absolute[..., deep == each], axis=(2, 3)) for each in range(most + 1)]
    return np.maximum(TO_STD * np.stack(medians, axis=-1), 1e-12)


def middle_peaks(scores: Floats, border: int) -> Floats:
    """The peaks of a patch's `scores (side, side)` beyond its border, or all if no other is there."""
    where, found = peaks(scores)
    inside = ((where >= border) & (where < len(scores) - border)).all(axis=1)
    return found[inside] if inside.any() else found


def averaged(values: Floats, scale: float) -> Floats:
    """Averages of `values (…, height, width)` weighted by a Gaussian of standard deviation `scale`.

    They have the variance of the middle at the border, too, where fewer values are averaged.
    """
    down, across = (deviation(n, scale) for n in values.shape[-2:])
    averages = gaussian_filter(values, scale, mode="constant", axes=(-2, -1))
    return np.asarray(averages / np.outer(down, across))


def deviation(n: int, scale: float) -> Floats:
    """The standard deviation of averages of `n` independent values beside each other, relative, `(n,)`."""
    impulse = np.zeros(2 * round(4 * scale) + 1)
    impulse[len(impulse) // 2] = 1.0
    weights = gaussian_filter1d(impulse, scale, mode="constant") ** 2
    return np.sqrt(convolve1d(np.ones(n), weights / weights.sum(), mode="constant"))


def peaks(scores: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Where scores are the highest within `RADIUS` pixels, `(k, 2)` as (y, x), and these scores, `(k,)`.

    The highest is first.
    """
    y, x = np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1]
    highest = maximum_filter(scores, footprint=y**2 + x**2 <= RADIUS**2, mode="nearest")
    where = np.argwhere(scores == highest)
    found = scores[tuple(where.T)]
    order = np.argsort(-found, kind="stable")
    return where[order], found[order]


def by_channel(values: Floats) -> list[Floats]:
    """The values of each channel of `values (…, channels)`, `(n,)`."""
    return [each.ravel() for each in np.moveaxis(values, -1, 0)]


def usual_residual(residuals: Floats, outputs: Floats) -> tuple[Floats, Floats]:
    """Brightnesses in rising order, and the usual absolute residual at each, both `(bins,)`.

    Args:
        residuals: `(n,)`.
        outputs: `(n,)`, the reconstructed values.
    """
    order = np.argsort(outputs, kind="stable")
    pieces = [piece for piece in np.array_split(order, BINS) if len(piece)]
    usual = np.array([TO_STD * np.median(np.abs(residuals[piece])) for piece in pieces])
    least = LEAST * TO_STD * float(np.median(np.abs(residuals)))
    return np.array([np.median(outputs[piece]) for piece in pieces]), np.maximum(usual, max(least, 1e-12))
