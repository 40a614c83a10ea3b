"""A sample of images that is enough to measure their noise on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.compression_blocks import PERIOD
from narrows.evaluation.finest_detail import Planes

SMALLEST = 32
"""The least height and width of images."""

SIDE, CROPS = 512, 8
"""Of larger images squares of this side are taken, and so many of them in all, if there are few images."""

MOST, MOST_CHANNELS = 2**20, 4
"""All values of the sample, and the channels of an image, at the most."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Planes of images, a channel each.

    Attributes:
        planes: `(n, height, width)`.
        following: of frames those that follow, of the same shape; None for other images.
        images: the number of images, or pairs of frames, that they come from.
        of: all that there are.
    """

    planes: Planes
    following: Planes | None
    images: int
    of: int

    @property
    def difference(self) -> Planes:
        """The noise: of frames their difference, with the variance of one of them."""
        return self.planes if self.following is None else (self.following - self.planes) / np.sqrt(2)

    @property
    def signal(self) -> Planes:
        """The planes; of frames the mean of both."""
        return self.planes if self.following is None else (self.following + self.planes) / 2


def drawn(data: Data, among: Index, seed: int) -> Sample:
    """A sample of the images with the numbers `among`.

    Raises:
        InputError: where images are too small, or no frames follow each other.
    """
    channels, height, width = data.schema.model_shape
    if min(height, width) < SMALLEST:
        raise InputError(
            f"The noise cannot be measured in images of {height}x{width} pixels; the smallest are "
            f"{SMALLEST}x{SMALLEST}."
        )
    rng = np.random.default_rng(seed)
    first, following = among, None
    if data.exchanged:
        following = among
    elif data.movies is not None:
        first, following = pairs(data.movies.owner, data.movies.places, among)
    size = min(MOST_CHANNELS, channels) * min(SIDE, height) * min(SIDE, width)
    number = min(len(first), max(1, MOST // size))
    chosen = np.sort(rng.choice(len(first), number, replace=False))
    corners = [corner(rng, height, width) for _ in range(crops(number, height, width, size))]
    planes = cropped(data, data.source.take(first[chosen]), corners)
    if following is None:
        return Sample(planes, None, number, len(first))
    other = data.source.take(following[chosen]) if data.noisy is None else data.noisy[following[chosen]]
    return Sample(planes, cropped(data, other, corners), number, len(first))


def pairs(owner: Index, places: Index, among: Index) -> tuple[Index, Index]:
    """The numbers of frames among those given, and of the frames that follow them.

    Raises:
        InputError: where none follows another.
    """
    order = among[np.lexsort((places[among], owner[among]))]
    one, other = order[:-1], order[1:]
    follows = (owner[one] == owner[other]) & (places[other] == places[one] + 1)
    if not follows.any():
        raise InputError(
            f"Noise of a movie is measured between frames that follow each other, but none do among "
            f"{len(among):,}; leave --movie out, or give all frames."
        )
    return one[follows], other[follows]


def crops(number: int, height: int, width: int, size: int) -> int:
    """How many places of each of `number` images are taken."""
    if max(height, width) <= SIDE:
        return 1
    return max(1, min(CROPS, MOST // size) // number)


def corner(rng: np.random.Generator, height: int, width: int) -> tuple[int, int]:
    """A corner of a crop, at multiples of the blocks of compression."""
    down, right = (PERIOD * int(rng.integers(max(0, side - SIDE) // PERIOD + 1)) for side in (height, width))
    return down, right


def cropped(data: Data, images: Array, corners: list[tuple[int, int]]) -> Planes:
    """The planes of `images` as they came, at the places `corners`."""
    images = data.schema.arrange(images)
    step = -(-images.shape[1] // MOST_CHANNELS)
    parts = [images[:, ::step, down : down + SIDE, right : right + SIDE] for down, right in corners]
    return np.concatenate([part.reshape(-1, *part.shape[2:]) for part in parts]).astype(np.float64)
