"""Pixels predicted from those around them: the best linear filter of a pixel that is not known."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from narrows.data.schema import Array

WINDOW = 7
"""Side of the square of pixels, all channels, that a pixel is predicted from."""

RIDGE = 1e-6
"""What is added to the variance of each, in units of the mean variance; two of them may be equal."""


class LinearPrediction:
    """A filter whose weights have the least squared error on the pixels that count.

    Args:
        wanted: images `(n, channels, height, width)`; NaN where a pixel does not count.
        seen: the same as they are filtered, without NaN where a pixel counts.
    """

    def __init__(self, wanted: Array, seen: Array) -> None:
        size = seen.shape[1] * WINDOW**2 + 1
        products, targets = np.zeros((size, size)), np.zeros((size, seen.shape[1]))
        for image, values in zip(seen, wanted, strict=True):
            y = values.reshape(len(values), -1).T
            counts = np.isfinite(y).all(axis=1)
            x = around(image)[counts].astype(np.float64)
            products += x.T @ x
            targets += x.T @ y[counts]
        least = RIDGE * max(float(np.trace(products)) / size, 1e-30)
        self.weights = np.linalg.solve(products + least * np.eye(size), targets)

    def predict(self, seen: Array) -> Array:
        """Images of the shape of `seen (n, channels, height, width)`."""
        made = (around(image) @ self.weights.astype(image.dtype) for image in seen)
        return np.stack([each.T.reshape(image.shape) for each, image in zip(made, seen, strict=True)])


def around(image: Array) -> Array:
    """The pixels around each of `image (channels, height, width)` and a 1, `(pixels, values)`.

    Beyond the edges those at the edge are repeated.
    """
    x = functional.pad(torch.as_tensor(np.nan_to_num(image))[None], [WINDOW // 2] * 4, mode="replicate")
    columns = functional.unfold(x, WINDOW)[0].T.numpy()
    return np.hstack([columns, np.ones((len(columns), 1), columns.dtype)])
