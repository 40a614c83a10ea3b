"""What a denoiser removed of images, looked at without clean ones: is structure left in it?

The residual, noisy minus denoised, of a perfect denoiser is the noise. If that is independent between pixels,
the residual is white: its pixels do not correlate, its spectrum is flat, it does not follow the image, and
its variance is that of the noise. Each of these is measured, beside what chance gives for so many pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from narrows.data.schema import Array
from narrows.evaluation.noise import Noise

Floats = NDArray[np.float64]

REACH = 8
"""Shifts of a residual, down and to both sides in pixels, at which it is correlated with itself."""

NEAR = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0))
"""The shifts, down and right, that the whiteness is computed from."""

PIECE = 1024
"""Side of the piece from the middle of an image that correlations and spectra are computed of, in pixels."""

RINGS = 32
"""Frequencies of the radial spectrum, from 0 to half a cycle per pixel."""

LEVELS = 8
"""Levels of the signal at which the variance of a residual is computed, from dark to bright."""

RARELY = 0.01
"""How often chance may exceed the bounds that are given for it."""


class Peak(NamedTuple):
    """A frequency that stands out of the spectrum.

    Attributes:
        period: in pixels.
        down: its frequency along columns, in cycles per pixel.
        right: its frequency along rows, in cycles per pixel, 0 or above.
        times: its power, divided by that of other frequencies of its period.
    """

    period: float
    down: float
    right: float
    times: float


class Level(NamedTuple):
    """The residual where the denoised image has a certain signal.

    Attributes:
        signal: the mean of the denoised values.
        variance: of the residual there.
        pixels: their number.
    """

    signal: float
    variance: float
    pixels: int


@dataclass(frozen=True, slots=True)
class Residual:
    """The residual of one or several images.

    Attributes:
        mean: of the residual, in units of the images.
        pixels: the number that correlations were computed from.
        correlation: `(REACH + 1, 2 * REACH + 1)`, of the residual with itself, moved down by 0 to `REACH` and
            right by `-REACH` to `REACH`; NaN where it is that of the other direction, or of no pixels.
        spectrum: `(RINGS,)`, the power at each frequency, divided by the mean; NaN where there is none.
        peak: the largest in the spectrum; None where none is beyond chance.
        signal: its correlation with the denoised image.
        levels: its variance from dark to bright.
        noise: what the images' noise is, if that is known.
    """

    mean: float
    pixels: int
    correlation: Floats
    spectrum: Floats
    peak: Peak | None
    signal: float
    levels: tuple[Level, ...]
    noise: Noise | None = None

    @property
    def whiteness(self) -> float:
        """1 minus the largest absolute correlation up to two pixels away: 1 for white noise."""
        near = [self.correlation[down, REACH + right] for down, right in NEAR]
        return 1 - float(np.nanmax(np.abs(near), initial=0.0))

    @property
    def chance(self) -> float:
        """The standard deviation of a correlation of white noise of so many pixels."""
        return 1 / sqrt(self.pixels) if self.pixels else inf

    @property
    def bound(self) -> float:
        """What the largest of all correlations of white noise rarely exceeds."""
        return float(-ndtri(RARELY / 2 / max(1, np.isfinite(self.correlation).sum()))) * self.chance

    @property
    def strongest(self) -> tuple[int, int, float]:
        """The shift, down and right, of the largest absolute correlation, and that correlation."""
        size = np.abs(np.nan_to_num(self.correlation))
        down, right = np.unravel_index(int(size.argmax()), size.shape)
        return int(down), int(right) - REACH, float(np.nan_to_num(self.correlation[down, right]))

    @property
    def shares(self) -> tuple[float, ...]:
        """The variance of the residual at each level, divided by that of the noise; none without a noise."""
        if self.noise is None:
            return ()
        known = self.noise.variance(np.array([level.signal for level in self.levels]))
        return tuple(
            level.variance / max(float(v), 1e-300) for level, v in zip(self.levels, known, strict=True)
        )


class Residuals:
    """Collects the residuals of images.

    Args:
        low: the least signal of a usual image, in units of the images.
        high: the greatest one.
        noise: of the images, if that is known.
    """

    def __init__(self, low: float, high: float, noise: Noise | None = None) -> None:
        self.edges = np.linspace(low, high, LEVELS + 1)[1:-1]
        self.noise = noise
        self.pairs = np.zeros((2, REACH + 1, 2 * REACH + 1))
        self.rings = np.zeros((2, RINGS))
        self.levels = np.zeros((4, LEVELS))
        self.moments = np.zeros(6)
        self.peak: Peak | None = None

    def add(self, noisy: Array, made: Array) -> None:
        """Add an image `made` of `noisy`, both `(channels, height, width)`; NaN are missing values."""
        for x, y in zip(noisy.astype(np.float64), made.astype(np.float64), strict=True):
            self._add_values(x - y, y)
            middle = tuple(slice(max(0, (n - PIECE) // 2), max(0, (n - PIECE) // 2) + PIECE) for n in x.shape)
            removed = (x - y)[middle]
            there = np.isfinite(removed)
            rest = np.where(there, removed - (removed[there].mean() if there.any() else 0.0), 0.0)
            self.pairs += products(rest, there)
            self._add_spectrum(rest)

    def _add_values(self, removed: Floats, signal: Floats) -> None:
        """Add the sums over pixels."""
        there = np.isfinite(removed)
        r, s = removed[there], signal[there]
        self.moments += len(r), r.sum(), s.sum(), (r**2).sum(), (s**2).sum(), (r * s).sum()
        level = np.digitize(s, self.edges)
        for i, weights in enumerate((None, s, r, r**2)):
            self.levels[i] += np.bincount(level, weights, LEVELS)

    def _add_spectrum(self, rest: Floats) -> None:
        """Add the spectrum of a residual `(height, width)` without its mean, and its peak if it is larger."""
        power, down, right = periodogram(rest)
        ring = np.minimum(2 * RINGS * np.hypot(down, right), RINGS).astype(np.intp)
        self.rings += [np.bincount(ring, weights, RINGS + 1)[:RINGS] for weights in (power, None)]
        found = highest(power, down, right, ring)
        if found is not None and (self.peak is None or found.times > self.peak.times):
            self.peak = found

    @property
    def found(self) -> Residual:
        """All residuals together."""
        r, s, rr, ss, rs = self.moments[1:] / max(1.0, self.moments[0])
        spread = sqrt(max(0.0, rr - r**2) * max(0.0, ss - s**2))
        sums, counts = self.pairs
        power = sums[0, REACH] / max(1.0, counts[0, REACH])
        with np.errstate(divide="ignore", invalid="ignore"):
            covariance = np.where(counts > 0, sums / counts, np.nan)
            spectrum = self.rings[0] / self.rings[1]
            spectrum /= self.rings[0].sum() / self.rings[1].sum()
        correlation = covariance / power if power > 0 else np.where(counts > 0, 0.0, np.nan)
        correlation[0, : REACH + 1] = np.nan
        return Residual(
            mean=float(r),
            pixels=int(counts[0, REACH]),
            correlation=correlation,
            spectrum=spectrum,
            peak=self.peak,
            signal=float((rs - r * s) / spread) if spread > 0 else 0.0,
            levels=tuple(self._levels()),
            noise=self.noise,
        )

    def _levels(self) -> list[Level]:
        """The levels of the signal that enough pixels have."""
        found = []
        for n, s, r, rr in self.levels.T:
            if n >= max(100.0, 0.005 * self.moments[0]):
                found.append(Level(float(s / n), float(rr / n - (r / n) ** 2), int(n)))
        return found


def products(rest: Floats, there: NDArray[np.bool_]) -> Floats:
    """Sums of products of pixels of `rest (height, width)`, and their numbers, for each shift, `(2, …)`."""
    height, width = rest.shape
    size = (height + REACH, width + REACH)
    sums = [
        np.fft.irfft2(np.abs(np.fft.rfft2(each, size)) ** 2, size) for each in (rest, there.astype(float))
    ]
    rows, columns = np.arange(REACH + 1), np.arange(-REACH, REACH + 1)
    found = np.stack([each[np.ix_(rows, columns)] for each in sums])
    found[1] = np.rint(found[1])
    found[:, rows >= height] = 0.0
    found[:, :, np.abs(columns) >= width] = 0.0
    return found


def periodogram(rest: Floats) -> tuple[Floats, Floats, Floats]:
    """The power of `rest (height, width)` at all frequencies but 0, and these, down and right, `(n,)` each.

    They are in cycles per pixel. The image fades out to its borders (a Hann window), so that one frequency
    does not leak into all others.
    """
    window = np.outer(*(np.hanning(n + 2)[1:-1] for n in rest.shape))
    power = np.abs(np.fft.rfft2(rest * window)) ** 2 / max(float((window**2).sum()), 1e-300)
    down, right = np.meshgrid(
        np.fft.fftfreq(rest.shape[0]), np.fft.rfftfreq(rest.shape[1]), indexing="ij", copy=False
    )
    once = (right > 0) | (down > 0)  # the others stand there twice
    return power[once], down[once], right[once]


def highest(power: Floats, down: Floats, right: Floats, ring: NDArray[np.intp]) -> Peak | None:
    """The highest peak of a spectrum over the others of its ring; None where chance gives as much.

    The power of white noise at a frequency is distributed exponentially, so that the largest of n is about
    log n times the mean.
    """
    sums, counts = (np.bincount(ring, weights, RINGS + 1) for weights in (power, None))
    usual = (sums / np.maximum(counts, 1))[ring]
    times = np.divide(power, usual, out=np.zeros_like(power), where=usual > 0)
    if not len(times) or times.max() <= log(len(times) / RARELY):
        return None
    at = int(times.argmax())
    y, x = float(down[at]), float(right[at])
    return Peak(1 / hypot(y, x), y, x, float(times[at]))
