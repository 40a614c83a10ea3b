"""Variance stabilisation: counts, with or without read-out noise, become values with noise of variance 1.

f(x) = 2 √(u + 3/8 + s²), u = (x - offset) / gain, s = read / gain: the generalised Anscombe transform.
The mean of transformed values is not the transform of the mean, so that the algebraic inverse of a denoised
image is too dark where counts are few. The exact unbiased inverse maps E f(x) to E x.

Mäkitalo & Foi 2011, "Optimal inversion of the Anscombe transformation in low-count Poisson image denoising",
and 2013, "Optimal inversion of the generalized Anscombe transformation for Poisson-Gaussian noise",
IEEE Trans. Image Process. 20 and 22.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import gammaln, xlogy

from narrows.core.errors import InputError
from narrows.data.scaling import LEAST
from narrows.data.schema import Array
from narrows.evaluation.noise import Noise

TABULATED = 100.0
"""The mean count up to which the inverse is tabulated; above it, its expansion differs by less than 0.01."""

TABLE = 512
"""Mean counts of the table; their square roots are equally spaced."""

REACH = 8.0
"""Standard deviations of the read-out noise that are integrated over, to each side."""

STEPS = 4001
"""Points of that integral."""


def stabilised(x: Array, noise: Noise) -> Array:
    """`x`, of any shape and in the units of the images, on the scale where its noise has the variance 1.

    Without a gain the noise is Gaussian, and `x` is only shifted and divided by its standard deviation.

    Raises:
        InputError: without noise.
    """
    if noise.gain == 0:
        return np.asarray((x - noise.offset) / without_gain(noise))
    s = noise.read / noise.gain
    counts = (x.astype(np.float64) - noise.offset) / noise.gain
    return np.asarray(2 * np.sqrt(np.maximum(counts + (LEAST + s**2), 0)))


def unbiased_inverse(mean: Array, noise: Noise) -> Array:
    """The means, in the units of the images, of values whose mean after `stabilised` is `mean`.

    Args:
        mean: denoised stabilised values, of any shape.
        noise: that they were stabilised with.

    Raises:
        InputError: without noise.

    >>> noise = Noise(0.0, gain=1.0)
    >>> counts = np.random.default_rng(0).poisson(2.0, 100_000)
    >>> float(unbiased_inverse(stabilised(counts, noise).mean(), noise).round(1))
    2.0
    """
    if noise.gain == 0:
        return np.asarray(noise.offset + without_gain(noise) * mean)
    s = noise.read / noise.gain
    expected, counts = table(s)
    beyond = np.asarray(mean, dtype=np.float64) ** 2 / 4 - 1 / 8 - s**2
    inside = np.interp(mean, expected, counts)
    return np.asarray(noise.offset + noise.gain * np.where(mean < expected[-1], inside, beyond))


@lru_cache(maxsize=8)
def table(s: float) -> tuple[Array, Array]:
    """E f(x) and the mean count that it belongs to, each `(TABLE,)`, for read-out noise of `s` counts."""
    means = np.linspace(0, np.sqrt(TABULATED), TABLE) ** 2
    counts = np.arange(2 * TABULATED)
    likelihood = np.exp(xlogy(counts, means[:, None]) - gammaln(counts + 1) - means[:, None])
    return likelihood @ smoothed_root(counts, s), means


def smoothed_root(counts: Array, s: float) -> Array:
    """The mean of f over the read-out noise, for each of the numbers of counted particles."""
    draws = np.linspace(-REACH, REACH, STEPS)
    density = np.exp(-(draws**2) / 2) / np.sqrt(2 * np.pi)
    values = 2 * np.sqrt(np.maximum(counts[:, None] + s * draws + (LEAST + s**2), 0))
    return np.asarray(values @ (density / density.sum()))


def without_gain(noise: Noise) -> float:
    """The standard deviation of Gaussian noise.

    Raises:
        InputError: if it is 0.
    """
    if noise.read <= 0:
        raise InputError(
            f"Noise with a read-out part of {noise.read:g} and a gain of {noise.gain:g} cannot be "
            f"stabilised: one of them must be above 0."
        )
    return noise.read
