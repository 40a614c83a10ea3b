"""What other codecs need for a quality: JPEG, WebP and AVIF, and codes of PCA.

Images of one size lie side by side in one large picture, because a file for each small one would be mostly
header; of several sizes each has a file. The quality of a codec is the lowest, for all files, that reaches
the PSNR that is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from math import ceil, log10, sqrt
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, features

from narrows.data.schema import Schema
from narrows.evaluation.pca import Pca, centred
from narrows.model.distributions import Integers, Listed

T = TypeVar("T", bound=np.generic)
Pixels = NDArray[np.uint8]
Rows = NDArray[np.float32]

CODECS: dict[str, dict[str, Any]] = {
    "JPEG": {"format": "JPEG", "optimize": True},
    "WebP": {"format": "WEBP", "method": 6},
    "AVIF": {"format": "AVIF"},
}
"""The options that Pillow takes, by the name of a codec; quality is from 1 to 100 for all."""

FEATURES = {"JPEG": "jpg", "WebP": "webp", "AVIF": "avif"}
"""What Pillow calls them."""

LONGEST = {"JPEG": 65_500, "WebP": 16_383, "AVIF": 65_535}
"""The longest side of a picture, in pixels."""

PEAK = 255.0
"""The range of 8-bit pixels, for PSNR."""


class Encoded(NamedTuple):
    """What a codec made.

    Attributes:
        size: bytes.
        psnr: of what comes back, in dB.
    """

    size: int
    psnr: float


def mosaic(images: NDArray[T]) -> NDArray[T]:
    """`images (n, height, width[, channels])` side by side, in a picture that is about square."""
    n, height, width = images.shape[:3]
    across = max(1, round(sqrt(n * height / width)))
    down = ceil(n / across)
    whole = np.zeros((down * across, *images.shape[1:]), images.dtype)
    whole[:n] = images
    rows = whole.reshape(down, across, *images.shape[1:]).swapaxes(1, 2)
    return rows.reshape(down * height, across * width, *images.shape[3:])


def cut_mosaic(picture: Pixels, like: Pixels) -> Pixels:
    """The inverse of `mosaic`, for images `like (n, height, width[, channels])`."""
    n, height, width = like.shape[:3]
    down, across = picture.shape[0] // height, picture.shape[1] // width
    rows = picture.reshape(down, height, across, width, *like.shape[3:]).swapaxes(1, 2)
    return rows.reshape(-1, *like.shape[1:])[:n]


def decibels(made: NDArray[Any], images: Pixels) -> float:
    """The PSNR of `made` beside `images`, all together."""
    return to_decibels(float(np.mean((made.astype(np.float32) - images) ** 2, dtype=np.float64)))


def to_decibels(error: float) -> float:
    """The PSNR of a mean squared `error`."""
    return float("inf") if error == 0 else 10 * log10(PEAK**2 / error)


class ImageFiles:
    """8-bit images in files of a codec, as small as a PSNR allows.

    Args:
        name: of the codec.
        stacks: images `(n, height, width)`, or `(n, height, width, 3)`, one array for each size.

    Attributes:
        lacking: why the codec cannot be used for them, a clause; empty if it can.
    """

    def __init__(self, name: str, stacks: Sequence[Pixels]) -> None:
        self.name, self.pieces = name, in_files(stacks, LONGEST[name])
        self.made: dict[int, Encoded] = {}

    @property
    def lacking(self) -> str:
        if FEATURES[self.name] not in features.get_supported():
            return f"Pillow has no {self.name} here"
        if any(each.dtype != np.uint8 or each.shape[3:] not in ((), (3,)) for each in self.pieces):
            return "it is measured for 8-bit images of one or three channels"
        longest = LONGEST[self.name]
        side = max(max(each.shape[1:3]) for each in self.pieces)
        return f"its pictures have sides of up to {longest:,} pixels, not {side:,}" if side > longest else ""

    def reach(self, psnr: float) -> Encoded | None:
        """The smallest files with at least `psnr`, in dB, of all together; None if there are none."""
        return lowest(self.at, psnr, self.made)

    def at(self, quality: int) -> Encoded:
        """The files of a quality; what was made is kept."""
        if quality not in self.made:
            made = [saved(self.name, images, quality) for images in self.pieces]
            count = sum(images.size for images in self.pieces)
            error = sum(error for _, error in made) / count
            self.made[quality] = Encoded(sum(size for size, _ in made), to_decibels(error))
        return self.made[quality]


def pixels(values: NDArray[T], schema: Schema) -> NDArray[T]:
    """Images as `(n, height, width, channels)`, without the last axis where there is one channel."""
    images = np.moveaxis(schema.arrange(values), 1, -1)
    return images[..., 0] if images.shape[-1] == 1 else images


def in_files(stacks: Sequence[Pixels], longest: int) -> list[Pixels]:
    """Images as they go into files: those of one size in one, if it is not too large, else one by one."""
    if len(stacks) == 1 and max(mosaic(stacks[0]).shape[:2]) <= longest:
        return list(stacks)
    return [images[i : i + 1] for images in stacks for i in range(len(images))]


def saved(name: str, images: Pixels, quality: int) -> tuple[int, float]:
    """The bytes of one file of `images` of one size by the codec `name`, and the sum of squared errors."""
    file, picture = io.BytesIO(), mosaic(images)
    Image.fromarray(picture).save(file, quality=quality, **CODECS[name])
    back = np.asarray(Image.open(file).convert("L" if picture.ndim == 2 else "RGB"))
    wrong = (cut_mosaic(back, images).astype(np.float32) - images) ** 2
    return len(file.getvalue()), float(wrong.sum(dtype=np.float64))


def lowest(
    at: Callable[[int], Encoded], psnr: float, made: Mapping[int, Encoded] = MappingProxyType({})
) -> Encoded | None:
    """What `at` makes with the lowest quality, from 1 to 100, that reaches `psnr`; None if none does.

    `made` are those that are known, by quality. The next one is where a line between the nearest known ones
    has the PSNR, and every second time that in the middle.
    """
    known = {quality: each for quality, each in made.items() if 1 <= quality <= 100}
    low = max((quality for quality, each in known.items() if each.psnr < psnr), default=0)
    high = min((quality for quality, each in known.items() if each.psnr >= psnr), default=101)
    halve = True
    while high - low > 1:
        middle = (low + high) // 2
        if low in known and high in known and not halve:
            share = (psnr - known[low].psnr) / (known[high].psnr - known[low].psnr)
            middle = min(max(low + round(share * (high - low)), low + 1), high - 1)
        known[middle] = at(middle)
        low, high = (low, middle) if known[middle].psnr >= psnr else (middle, high)
        halve = not halve
    return known.get(high)


FINEST, COARSEST = 0.5, 1000.0
"""Steps of components, in units of 8-bit pixels."""

HALVINGS = 14
"""Of the logarithm of a step, in a search."""

SEARCHED = 1024
"""Images that a search uses, at the most."""

PRIOR = 8.0
"""How many values the Laplace distribution counts for beside the histogram of the training part."""


Coder = Callable[[Integers, list[Listed]], int]
"""From whole numbers `(n, k)`, and a distribution for each of the k, to the number of bytes."""


class PcaCodes:
    """All principal components of 8-bit images, under frequencies of the training part.

    Args:
        train: images of the training part, `(m, …)`; or other rows where the range of the data is `PEAK`.
    """

    def __init__(self, train: Pixels | Rows) -> None:
        rows = flat(train)
        self.pca = Pca.fit(rows, rows.shape[1])
        self.known = self.components(rows)

    def components(self, rows: Rows) -> Rows:
        """The components `(n, components)` of `rows (n, values)`."""
        return np.asarray(centred(rows, self.pca.mean) @ self.pca.directions.T, dtype=np.float32)

    def reach(self, images: Pixels, psnr: float, coder: Coder) -> Encoded | None:
        """The size of `images (n, …)` at the largest step with at least `psnr`; None if none has that."""
        y = self.components(flat(images))
        some = np.linspace(0, len(y) - 1, min(len(y), SEARCHED)).round().astype(np.intp)
        low, high = np.log(FINEST), np.log(COARSEST)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            reached = self.psnr(images[some], y[some], float(np.exp(middle))) >= psnr
            low, high = (middle, high) if reached else (low, middle)
        step = float(np.exp(low))
        while (found := self.psnr(images, y, step)) < psnr:
            step *= 10 ** (min(found - psnr, -0.002) / 20)
            if step < FINEST:
                return None
        return Encoded(self.size(y, step, coder), found)

    def psnr(self, images: Pixels, y: Rows, step: float) -> float:
        """What comes back of `images` with the components `y`, rounded with `step`."""
        made = np.rint(y / step) * np.float32(step) @ self.pca.directions + self.pca.mean
        return decibels(np.rint(made.clip(0, PEAK)).reshape(images.shape), images)

    def size(self, y: Rows, step: float, coder: Coder) -> int:
        """Bytes of components `y (n, components)`."""
        numbers, known = (np.rint(each / step).astype(np.int64) for each in (y, self.known))
        low, high = numbers.min(axis=0), numbers.max(axis=0)
        given = [
            Listed(learned(column, a, b - a + 1), len(y))
            for column, a, b in zip(known.T, low.tolist(), high.tolist(), strict=True)
        ]
        return coder(numbers - low, given)


def flat(images: Pixels | Rows) -> Rows:
    """`images (n, …)` as rows `(n, values)`."""
    return images.reshape(len(images), -1).astype(np.float32)


def learned(known: Integers, low: int, levels: int) -> Integers:
    """Frequencies of `levels` whole numbers from `low` on, learned from `known (m,)`.

    The histogram, and a Laplace distribution around its median that counts for `PRIOR` values more.
    """
    centre = float(np.median(known))
    width = max(float(np.abs(known - centre).mean()), 0.05)
    values = low + np.arange(levels)
    tail = np.exp(-np.abs(values - centre) / width) * (1 - np.exp(-1 / width)) / (1 + np.exp(-1 / width))
    inside = known[(known >= low) & (known < low + levels)] - low
    share = (np.bincount(inside, minlength=levels) + PRIOR * tail) / (len(known) + PRIOR)
    return 1 + np.rint(share * 2**22).astype(np.int64)
