"""How much structure the patches of large images show beside their noise.

Empty, constant and saturated regions show none. They would fill most of a training, if an image shows little
else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array

Floats = NDArray[np.float64]

ERRORS = 2.0
"""A patch is plain only if it still is with so many standard errors more structure."""

SATURATED = 0.5
"""The share of pixels at the maximum from which on a patch is saturated."""

STRONG, CONTRAST = 0.95, 0.2
"""A patch is plain whose contrast is less than this share of that at the quantile `STRONG` of all."""

AT_ONCE = 2**22
"""Values that are computed together."""


def structure(images: Array) -> Floats:
    """The variance that neighbouring pixels of an image have in common, and its standard error, `(n, 2)`.

    It is that of the image without noise, if the noise is independent between pixels and the image hardly
    changes from one pixel to the next. It is 0 for saturated images.

    Args:
        images: `(n, channels, height, width)`.
    """
    step = max(1, AT_ONCE // max(1, images[:1].size))
    parts = [_structure(images[i : i + step].astype(np.float32)) for i in range(0, len(images), step)]
    return np.concatenate([np.zeros((0, 2)), *parts])


def _structure(x: NDArray[np.float32]) -> Floats:
    high, low = (end(x, axis=(2, 3), keepdims=True) for end in (np.max, np.min))
    between = ((x < high) & (x > low)).any(axis=(2, 3))
    saturated = ((x == high).mean(axis=(2, 3)) > SATURATED) & between
    x = x - x.mean(axis=(2, 3), keepdims=True)
    right, down = x[..., 1:] * x[..., :-1], x[..., 1:, :] * x[..., :-1, :]
    shared = (right.mean(axis=(2, 3)) + down.mean(axis=(2, 3))) / 2
    error = (x**2).mean(axis=(2, 3)) / np.sqrt(right[0, 0].size + down[0, 0].size)
    found = np.stack([shared, error], axis=-1).astype(np.float64)
    return np.asarray(np.where(saturated[..., None], 0.0, found).mean(axis=1))


def plain(found: Floats) -> NDArray[np.bool_]:
    """Which of all patches show no structure beside the others, `(n,)`.

    Where noise hides whether a patch has structure, it counts as if it had.

    Args:
        found: `(n, 2)`, the `structure` of each, and its error.

    >>> plain(np.array([[4.0, 0.1], [5.0, 0.1], [0.01, 0.02], [0.0, 0.5], [6.0, 0.1]])).tolist()
    [False, False, True, False, False]
    """
    most = found[:, 0] + ERRORS * found[:, 1]
    return np.asarray(most < CONTRAST**2 * np.quantile(found[:, 0], STRONG))
