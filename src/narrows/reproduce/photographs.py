"""Colour images without a download: pieces of the two photographs that scikit-learn contains."""

from __future__ import annotations

import numpy as np

from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory

SIDE = 32
"""Side of a piece in pixels."""

TRAINED = 2 / 3
"""The share of the width of each photograph, from the left, that training pieces are cut from."""


def photographs(stride: int) -> Data:
    """Pieces of a Chinese temple and of a dahlia, `(n, SIDE, SIDE, 3)`, 8 bits.

    Training pieces are `stride` pixels apart. Test pieces come from the right third of each photograph, do
    not overlap, and share no pixel with training pieces.
    """
    from sklearn.datasets import load_sample_images

    images = load_sample_images().images
    cuts = [int(TRAINED * image.shape[1]) // SIDE * SIDE for image in images]
    train = [pieces(image[:, :end], stride) for image, end in zip(images, cuts, strict=True)]
    test = [pieces(image[:, end:], SIDE) for image, end in zip(images, cuts, strict=True)]
    values, held_out = np.concatenate(train), np.concatenate(test)
    schema = describe(values)
    return Data(InMemory(values), schema, "photographs", test=Data(InMemory(held_out), schema, "photographs"))


def pieces(image: Array, stride: int) -> Array:
    """Squares `(n, SIDE, SIDE, channels)` of `image (height, width, channels)`, `stride` pixels apart."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (SIDE, SIDE), axis=(0, 1))
    chosen = windows[::stride, ::stride].reshape(-1, image.shape[2], SIDE, SIDE)
    return np.ascontiguousarray(np.moveaxis(chosen, 1, -1))
