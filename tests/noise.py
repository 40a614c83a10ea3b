"""Noise of several kinds, made for tests."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from scipy.signal import lfilter


def along_axis(shape: tuple[int, ...], rho: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of variance 1 whose neighbours along the last axis have the correlation `rho`."""
    white = rng.standard_normal(shape)
    white[..., 1:] *= np.sqrt(1 - rho**2)
    return np.asarray(lfilter([1], [1, -rho], white, axis=-1))


def stripes(shape: tuple[int, ...], std: float, rng: np.random.Generator) -> np.ndarray:
    """An offset for each line."""
    return np.broadcast_to(rng.normal(0, std, (*shape[:-1], 1)), shape)


def compressed(images: np.ndarray, quality: int) -> np.ndarray:
    """8-bit images as they come from JPEG files."""
    found = []
    for image in images:
        file = io.BytesIO()
        Image.fromarray(np.clip(np.rint(image), 0, 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
        found.append(np.asarray(Image.open(file)))
    return np.stack(found)
