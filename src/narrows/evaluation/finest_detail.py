"""The finest detail of images, in which noise is seen: differences of high order between pixels.

A difference of order 6 along an axis leaves little of what is smooth on the scale of two pixels. It is
looked at in the flattest blocks alone, which are chosen by the gradient of the smoothed image.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d, gaussian_gradient_magnitude, uniform_filter

Floats = NDArray[np.float64]
Planes = Floats
Values = TypeVar("Values", Floats, NDArray[np.bool_])

BLOCK = 4
"""The side of a block in pixels."""

FLAT = 0.1
"""The share of blocks that are the flattest."""

SMOOTH = 1.5
"""The standard deviation, in pixels, of the blur before the gradient."""

MARGIN = 4
"""Pixels at each border that filters cannot see."""

LAGS = 16
"""Distances of pixels whose correlation is measured, at the most."""

NEAR, CUT = 15, 0.01
"""A block is left out if more than this share of the pixels is at an end of the range, in a square of this
side."""

ROWS, COLUMNS = 2, 1
"""The axis of planes along which pixels of a row, or of a column, follow each other."""


def difference(order: int) -> Floats:
    """The weights of a difference of `order`, which keep the variance of white noise.

    >>> difference(2).round(3).tolist()
    [0.408, -0.816, 0.408]
    """
    weights = np.array([(-1) ** i * comb(order, i) for i in range(order + 1)], dtype=np.float64)
    return np.asarray(weights / np.sqrt((weights**2).sum()))


@dataclass(frozen=True, eq=False)
class Detail:
    """Planes of images in which noise is looked for.

    Attributes:
        planes: `(n, height, width)`; of frames that follow each other their scaled difference.
        signal: `(n, height, width)`, of the brightness and the structure; the planes, or the mean of frames.
        cut: `(n, height, width)`, which pixels are cut at an end of the range.
        still: `(n, height, width)`, which pixels show no noise, as those around them are equal.
    """

    planes: Planes
    signal: Planes
    cut: NDArray[np.bool_]
    still: NDArray[np.bool_]

    @property
    def lags(self) -> int:
        """Distances of pixels whose correlation is measured."""
        return min(LAGS, min(self.planes.shape[1:]) // 4)

    @cached_property
    def edges(self) -> Planes:
        """The gradient of the smoothed signal, squared."""
        sigma = (0, SMOOTH, SMOOTH)
        return np.asarray(gaussian_gradient_magnitude(self.signal, sigma) ** 2)

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """Which pixels are not beside some at an end of the range."""
        return np.asarray(uniform_filter(self.cut.astype(np.float32), (0, NEAR, NEAR)) <= CUT)

    def inner(self, values: Values, down: int = 0, right: int = 0) -> Values:
        """`values` inside the margin and the lags, shifted."""
        height, width = self.planes.shape[1:]
        beyond = MARGIN + self.lags
        return values[:, MARGIN + down : height - beyond + down, MARGIN + right : width - beyond + right]

    def blocks(self, values: Floats | NDArray[np.bool_]) -> Floats:
        """The means of `values`, as `inner` gives them, in blocks, `(blocks,)`."""
        n, height, width = values.shape
        down, right = height // BLOCK, width // BLOCK
        whole = values[:, : down * BLOCK, : right * BLOCK].reshape(n, down, BLOCK, right, BLOCK)
        return np.asarray(whole.mean(axis=(2, 4), dtype=np.float64).ravel())

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """Which blocks have no pixels at an end of the range near them, and some that differ, `(blocks,)`."""
        return np.asarray(self.blocks(self.inner(self.seen & ~self.still)) == 1)

    @cached_property
    def flat(self) -> NDArray[np.bool_]:
        """Which blocks are the flattest of the usable ones, `(blocks,)`."""
        edges = self.blocks(self.inner(self.edges))
        return np.asarray(self.usable & (edges <= np.quantile(edges[self.usable], FLAT)))

    def residual(self, order: int, *axes: int) -> Planes:
        """The difference of `order` along each of `axes`."""
        return filtered(self.planes, difference(order), axes)

    def brightness(self, order: int, *axes: int) -> Planes:
        """The mean of the signal whose noise `residual` shows, weighted as the variance there."""
        return filtered(self.signal, difference(order) ** 2, axes)


def filtered(planes: Planes, weights: Floats, axes: tuple[int, ...]) -> Planes:
    """`planes` filtered with `weights` along each of `axes`."""
    for axis in axes:
        planes = np.asarray(convolve1d(planes, weights, axis=axis))
    return planes
