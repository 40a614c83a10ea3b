"""Hidden pixels of an image interpolated from the others."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import spsolve

from narrows.data.schema import Array


def harmonic(image: Array, hidden: Array) -> Array:
    """`image` with hidden pixels that are the mean of their neighbours: the discrete Laplace equation.

    Pixels of the margin have fewer neighbours. An image that is hidden as a whole stays as it is.

    Args:
        image: `(channels, height, width)`.
        hidden: of the same shape, true where a pixel is hidden.
    """
    return np.stack([filled(*pair) for pair in zip(image, hidden, strict=True)])


def filled(plane: Array, hidden: Array) -> Array:
    """One channel, `(height, width)`, as `harmonic` fills it."""
    if not hidden.any() or hidden.all():
        return plane
    number = np.full(plane.shape, -1)
    number[hidden] = np.arange(hidden.sum())
    a, b = neighbours(plane.shape)
    a, b = (pair[hidden.ravel()[a]] for pair in (a, b))
    rows, inside = number.ravel()[a], hidden.ravel()[b]
    n = int(hidden.sum())
    known = np.bincount(rows[~inside], plane.ravel()[b[~inside]], n)
    links = csr_array((np.ones(inside.sum()), (rows[inside], number.ravel()[b[inside]])), (n, n))
    made = plane.copy()
    made[hidden] = spsolve((diags_array(np.bincount(rows, minlength=n).astype(float)) - links).tocsc(), known)
    return made


def neighbours(shape: tuple[int, ...]) -> tuple[Array, Array]:
    """The numbers of all pairs of pixels that are side by side or one above the other, in both orders."""
    pixel = np.arange(np.prod(shape)).reshape(shape)
    first = np.concatenate([pixel[:, :-1].ravel(), pixel[:-1].ravel()])
    second = np.concatenate([pixel[:, 1:].ravel(), pixel[1:].ravel()])
    return np.concatenate([first, second]), np.concatenate([second, first])
