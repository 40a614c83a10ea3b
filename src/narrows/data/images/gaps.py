"""Pixels that are NaN, as at the borders of images that were turned or shifted: filled, and said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.ndimage import distance_transform_edt

from narrows.core.errors import InputError, few
from narrows.data.columns import Array


def without_gaps(pixels: Array, name: str) -> tuple[Array, float]:
    """`pixels (height, width[, channels])` with the nearest pixel in place of each NaN, and the share of NaN.

    Raises:
        InputError: when all pixels of a channel are NaN.
    """
    gaps = np.isnan(pixels) if pixels.dtype.kind == "f" else np.zeros(0)
    if not gaps.any():
        return pixels, 0.0
    if gaps.all(axis=(0, 1)).any():
        raise InputError(f"All pixels of {name}, or of one of its channels, are NaN; leave it out.")
    planes = np.moveaxis(np.atleast_3d(pixels), -1, 0)
    filled = np.stack([filled_plane(plane) for plane in planes], axis=-1)
    return filled.reshape(pixels.shape), float(gaps.mean())


def filled_plane(plane: Array) -> Array:
    """`plane (height, width)` with the nearest pixel in place of each NaN."""
    index = distance_transform_edt(np.isnan(plane), return_distances=False, return_indices=True)
    return plane[tuple(index)]


def warn_of_gaps(shares: Mapping[str, float]) -> tuple[str, ...]:
    """A sentence about the images, by name with the share of NaN in each, that have any."""
    names = [name for name, share in shares.items() if share]
    if not names:
        return ()
    percent = 100 * max(shares.values())
    return (
        f"NaN in {len(names):,} of {len(shares):,} images (up to {percent:.2g} % of the pixels of one): "
        f"{few(names, 3)}; they are filled with the nearest pixel.",
    )


def filled_images(images: Array) -> tuple[Array, tuple[str, ...]]:
    """`images (n, height, width[, channels])` without NaN, and the sentence about it."""
    if images.dtype.kind != "f" or not images.size or not np.isnan(images.min()):
        return images, ()
    names = [f"image {i}" for i in range(len(images))]
    pairs = [without_gaps(image, name) for image, name in zip(images, names, strict=True)]
    shares = dict(zip(names, (share for _, share in pairs), strict=True))
    return np.stack([pixels for pixels, _ in pairs]), warn_of_gaps(shares)
