"""Images beyond the range of the training data: how a denoiser is used on them.

A network need not know what to do with an image brighter than it was trained on. It is given the image as it
is, and brought into the range of the training, and takes back a share of the noise it found. Of these the one
is taken whose error is smallest by Stein's unbiased estimate, which needs no clean image but the variance of
the noise: with the residual r of a denoiser f of an image with noise of variance v, and a share a,

    error = mean(v) - 2 a · mean(v · (1 - ∂f/∂x)) + a² · mean(r²).

What is taken back is the square of the best share. So it is no more than helps, and but for errors of v the
result is no worse than the noisy image.

Stein 1981, "Estimation of the mean of a multivariate normal distribution", Ann. Statist. 9; the derivative by
Ramani, Blu & Unser 2008, "Monte-Carlo SURE", IEEE Trans. Image Process. 17.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.ndimage import uniform_filter
from scipy.special import gammaincinv

from narrows.data.schema import Array

Use = Callable[[Array], Array]
"""A denoiser of images `(channels, height, width)` on the model's scale."""

SMOOTHED = 5
"""The range of an image is that of means over squares of this side, in which noise averages out."""

SMALLEST = 4 * SMOOTHED
"""The smallest side of an image in which so many values are averaged; in others noise stays."""

NEAR, CUT, NEAR_OF_SMALL = 0.25, 0.05, 1.0
"""An image is brought into the range of the training data if it lies beyond it by more than this share of
it: in general, where outputs end with that range, and if it is small, because noise alone lies beyond."""

PIECE = 256
"""Side of the piece, around the value that is furthest beyond, that the error is estimated on, in pixels."""

BLOCK, FLAT = 8, 0.05
"""Side of the blocks of which the flattest ones show the noise, in squares of 2x2 pixels; and their share."""

PROBE = 0.1
"""The change by which derivatives are computed, in standard deviations of the noise."""


class Stretch(NamedTuple):
    """v ↦ low + (v - start) · scale, on the model's scale, and the share of the noise that is taken back."""

    low: float = 0.0
    start: float = 0.0
    scale: float = 1.0
    share: float = 1.0

    def __call__(self, use: Use, x: Array) -> Array:
        """`use` of `x` as it is stretched."""
        if self == Stretch():
            return use(x)
        made = (use((self.low + (x - self.start) * self.scale).astype(x.dtype)) - self.low) / self.scale
        return np.asarray((1 - self.share) * x + self.share * (made + self.start), x.dtype)


class Extent(NamedTuple):
    """The least and the greatest value of an image without its noise, and where it is furthest beyond.

    Attributes:
        low: the least.
        high: the greatest.
        place: `(row, column)`.
    """

    low: float
    high: float
    place: tuple[int, int]


def extent(x: Array, low: float, high: float) -> Extent:
    """The extent of `x (channels, height, width)`, beyond a range from `low` to `high`."""
    side = max(1, min(SMOOTHED, min(x.shape[1:]) // 4))
    smooth = uniform_filter(np.nan_to_num(x, nan=low), (1, side, side))
    outside = np.maximum(smooth - high, low - smooth).max(axis=0)
    row, column = np.unravel_index(int(outside.argmax()), outside.shape)
    return Extent(float(smooth.min()), float(smooth.max()), (int(row), int(column)))


def stretches(
    found: Extent, low: float, high: float, *, bounded: bool, small: bool = False
) -> tuple[Stretch, ...]:
    """The ways to use a denoiser on an image of this extent; only the plain one if it lies in the range.

    Args:
        found: the extent.
        low: the least value of the training data.
        high: the greatest one.
        bounded: whether outputs end with that range, so that the image has to be brought into it.
        small: whether the image has a side below `SMALLEST`.
    """
    span, start = high - low, min(found.low, low)
    wide = max(found.high, high) - start
    near = NEAR_OF_SMALL if small else CUT if bounded else NEAR
    if wide <= (1 + near) * span:
        return (Stretch(),)
    whole = Stretch(low, start, span / wide)
    return (whole,) if bounded else (Stretch(), whole._replace(scale=whole.scale**0.5), whole)


def best(use: Use, x: Array, variance: Array, ways: tuple[Stretch, ...]) -> Stretch:
    """The way with the smallest estimated error on `x (channels, height, width)` on the model's scale.

    Args:
        use: the denoiser.
        x: an image, or a piece of it.
        variance: of the noise of its pixels, in its shape.
        ways: to choose from.
    """
    return min((estimated(use, x, variance, way) for way in ways), key=lambda each: each[1])[0]


def estimated(use: Use, x: Array, variance: Array, way: Stretch) -> tuple[Stretch, float]:
    """The way with the share that has the smallest error, and that error."""
    signs = np.random.default_rng(0).choice(np.array([-1.0, 1.0], x.dtype), x.shape)
    step = x.dtype.type(PROBE * max(float(np.sqrt(variance.mean())), 1e-6))
    made = way(use, x)
    slope = signs * (way(use, x + step * signs) - made) / step
    common = float((variance * (1 - slope)).mean())
    removed = float(((x - made) ** 2).mean())
    # Squared, because v is too large where much of what was removed is texture.
    share = float(np.clip(common / removed, 0, 1)) ** 2 if removed else 1.0
    return way._replace(share=share), float(variance.mean()) - 2 * share * common + share**2 * removed


def flattest(x: Array, variance: Array) -> float:
    """The share of `variance` that the flattest parts of `x (channels, height, width)` have, 1 at the most.

    Texture is taken for noise where there is little of that. The finest detail, of squares of 2x2 pixels, has
    the variance of independent noise; that of blocks of `BLOCK` such squares is distributed as χ².
    """
    _, height, width = (n - n % (2 * BLOCK) for n in x.shape)
    a, b, c, d = (x[:, i:height:2, j:width:2] for i in (0, 1) for j in (0, 1))
    detail = ((a - b - c + d) / 2) ** 2 / np.maximum(variance[:, :height:2, :width:2], 1e-30)
    blocks = detail.reshape(len(x), height // (2 * BLOCK), BLOCK, width // (2 * BLOCK), BLOCK).mean((2, 4))
    found = blocks[blocks > 0]
    usual = 2 * gammaincinv(BLOCK**2 / 2, FLAT) / BLOCK**2
    return min(1.0, float(np.quantile(found, FLAT) / usual)) if found.size else 1.0


def around(place: tuple[int, int], shape: tuple[int, ...], side: int = PIECE) -> tuple[slice, ...]:
    """The slices of a piece of `side` pixels around `place`, as much of it as an image of `shape` holds.

    >>> around((3, 90), (1, 50, 100), side=20)[1:]
    (slice(0, 20, None), slice(80, 100, None))
    """
    starts = [min(max(0, at - side // 2), max(0, n - side)) for at, n in zip(place, shape[1:], strict=True)]
    return (slice(None), *(slice(start, start + side) for start in starts))
