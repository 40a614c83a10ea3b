"""An anomaly score for each pixel of large images, and the places where it is high.

The residual of a pixel is divided by what is usual at its brightness, as the noise of counts grows with it.
Averages of neighbouring residuals, of several sizes, are divided by what is usual of them; the score of a
pixel is the largest. What is usual is measured on the patches that the run keeps, with medians, so that
anomalies among these hardly matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter

from narrows.data.schema import Array

Floats = NDArray[np.float64]

Pairs = Callable[[Array], Floats]
"""Maps patches `(n, side, side[, channels])` as they came to values and their reconstructions on one scale,
`(n, side, side, 2 · channels)`."""

SCALES = (1.0, 2.0, 4.0)
"""Standard deviations of the averages, in pixels."""

BINS = 32
"""Ranges of brightness, each of which has its usual residual."""

LEAST = 0.05
"""A usual residual is at least this share of the usual one of all pixels."""

RADIUS = 5
"""The score of a place is the highest within so many pixels."""

TO_STD = 1.4826
"""The standard deviation of a normal distribution, in medians of the absolute value."""


@dataclass(frozen=True, slots=True, eq=False)
class PixelScores:
    """The scores of the pixels of an image.

    Attributes:
        scores: `(height, width)`, higher is more unusual.
        brighter: whether a pixel and its neighbours are brighter than expected, `(height, width)`.
    """

    scores: Floats
    brighter: NDArray[np.bool_]


class PixelDetector:
    """The scores of pixels.

    Args:
        pairs: gives the values of patches and their reconstructions.
        reference: patches that tell what is usual, as they came, `(m, side, side[, channels])`.
    """

    def __init__(self, pairs: Pairs, reference: Array) -> None:
        made = pairs(reference)
        values, outputs = np.split(made, 2, axis=-1)
        channels = zip(by_channel(values - outputs), by_channel(outputs), strict=True)
        self.usual = [usual_residual(*each) for each in channels]
        signed = np.stack([self._averages(each) for each in made])
        self.norms = np.maximum(TO_STD * np.median(np.abs(signed), axis=(0, 3, 4)), 1e-12)
        self.maxima = (np.abs(signed) / self.norms[..., None, None]).max(axis=(1, 2, 3, 4))
        """The highest score in each of the patches."""

    def _averages(self, made: Floats) -> Floats:
        """Averages of residuals with their sign, `(scales, channels, height, width)`."""
        values, outputs = (np.moveaxis(each, -1, 0) for each in np.split(made, 2, axis=-1))
        pairs = zip(values, outputs, self.usual, strict=True)
        residuals = [(x - y) / np.interp(y, *usual) for x, y, usual in pairs]
        return np.array([[gaussian_filter(each, scale) for each in residuals] for scale in SCALES])

    def scores(self, made: Floats) -> PixelScores:
        """The scores of an image.

        Args:
            made: its values and their reconstructions, `(height, width, 2 · channels)`.
        """
        averages = self._averages(made) / self.norms[..., None, None]
        flat = averages.reshape(-1, *made.shape[:2])
        highest = np.abs(flat).argmax(axis=0)[None]
        signed = np.take_along_axis(flat, highest, axis=0)[0]
        return PixelScores(np.abs(signed), signed > 0)

    def threshold(self, share: float) -> float:
        """The score that the highest one of a usual patch exceeds with a probability of `share`.

        The lower half of the highest scores of the kept patches determines a Gumbel distribution, that of
        the largest of many values.
        """
        low, middle = np.quantile(self.maxima, [0.25, 0.5])
        spread = (middle - low) / (log(-log(0.25)) - log(-log(0.5)))
        return float(middle + spread * (log(-log(0.5)) - log(-log(1 - share))))


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


def places(found: PixelScores, threshold: float) -> NDArray[np.intp]:
    """The places `(k, 2)`, as (y, x), of scores above `threshold` that are the highest around.

    The one of the highest score is first.
    """
    y, x = np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1]
    highest = maximum_filter(found.scores, footprint=y**2 + x**2 <= RADIUS**2, mode="nearest")
    places = np.argwhere((found.scores == highest) & (found.scores > threshold))
    return places[np.argsort(-found.scores[tuple(places.T)], kind="stable")]
