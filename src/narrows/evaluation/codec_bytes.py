"""What other methods need for a PSNR that a model reaches, part by part of the examples.

JPEG, WebP and AVIF for 8-bit images, and codes of PCA. Parts, as images, are what an interval resamples.
"""

from __future__ import annotations

from math import exp, isfinite, log
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from narrows.evaluation.errors import Floats
from narrows.evaluation.lossy_codecs import (
    COARSEST,
    CODECS,
    FINEST,
    PEAK,
    ImageFiles,
    PcaCodes,
    Pixels,
    Rows,
    learned,
    saved,
)
from narrows.evaluation.pca import centred

Parts = NDArray[np.intp]

PCA = "PCA codes"
"""The name of all principal components, rounded with one step."""

WIDEST, FITTED = 4096, 2**23
"""Codes of PCA are measured for examples of so many values at the most, fitted to so many training values."""

HALVINGS = 24
"""Of the logarithm of a step of PCA codes."""


class Made(NamedTuple):
    """What a method makes of examples at one quality.

    Attributes:
        bits: `(parts,)`, of each part; without the header of a file.
        squared: `(parts,)`, the squared error of each, in any unit.
    """

    bits: Floats
    squared: Floats


class Method(Protocol):
    """A method that takes more bits for a higher quality."""

    def bits(self, psnr: float) -> float | None:
        """The bits of all examples at a PSNR; None where the method does not reach it."""
        ...

    def by_part(self, psnr: float) -> Made:
        """The same by part, at about the PSNR; only where it is reached."""
        ...


class FileBytes:
    """8-bit images in files of a codec.

    All lie in one picture, whose size between two qualities is interpolated. The header of a file, that of a
    picture of 8×8 pixels in one colour, is not counted.

    Args:
        name: of the codec.
        images: `(n, height, width)` or `(n, height, width, 3)`.
        part: `(n,)`, the part that each belongs to, from 0 on.
    """

    def __init__(self, name: str, images: Pixels, part: Parts) -> None:
        self.name, self.images, self.part = name, images, part
        self.files = ImageFiles(name, [images])

    @property
    def lacking(self) -> str:
        """Why it cannot be used; empty if it can."""
        return self.files.lacking

    def bits(self, psnr: float) -> float | None:
        quality = self.quality(psnr)
        if quality is None:
            return None
        above, below = self.files.at(quality), self.files.at(max(1, quality - 1))
        known = [log(each.size - self.header(quality)) for each in (below, above)]
        if not isfinite(above.psnr):  # without loss
            return 8 * exp(known[1])
        return 8 * exp(float(np.interp(psnr, [below.psnr, above.psnr], known)))

    def quality(self, psnr: float) -> int | None:
        """The lowest quality that reaches a PSNR."""
        found = self.files.reach(psnr)
        return None if found is None else min(q for q, made in self.files.made.items() if made is found)

    def header(self, quality: int) -> int:
        """The bytes of a file of next to nothing."""
        return saved(self.name, np.zeros((1, 8, 8, *self.images.shape[3:]), np.uint8), quality)[0]

    def by_part(self, psnr: float) -> Made:
        quality, whole = self.quality(psnr), self.bits(psnr)
        assert quality is not None
        assert whole is not None
        parts = range(int(self.part.max()) + 1)
        made = np.array([saved(self.name, self.images[self.part == k], quality) for k in parts], float)
        sizes = made[:, 0] - self.header(quality)
        return Made(whole * sizes / sizes.sum(), made[:, 1])


class PcaBits:
    """All principal components, rounded with one step, under frequencies of the training part.

    Args:
        train: training rows `(m, values)`, where the range of the data is `PEAK`.
        rows: those that are coded, `(n, values)`.
        part: `(n,)`, the part that each belongs to, from 0 on.
    """

    def __init__(self, train: Rows, rows: Rows, part: Parts) -> None:
        self.codes, self.part, self.size = PcaCodes(train), part, np.count_nonzero(~np.isnan(rows))
        self.y = self.codes.components(rows)
        power = (centred(rows, self.codes.pca.mean).astype(np.float64) ** 2).sum(axis=1)
        self.rest = np.maximum(power - (self.y.astype(np.float64) ** 2).sum(axis=1), 0.0)

    def squared(self, step: float) -> Floats:
        """The squared error of each row."""
        wrong = self.y - np.rint(self.y / step) * np.float32(step)
        return np.asarray(self.rest + (wrong**2).sum(axis=1, dtype=np.float64), np.float64)

    def step(self, psnr: float) -> float | None:
        """The largest step that reaches a PSNR."""
        most = self.size * PEAK**2 * 10 ** (-psnr / 10)
        low, high = log(FINEST), log(COARSEST)
        if self.squared(FINEST).sum() > most:
            return None
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.squared(exp(middle)).sum() <= most else (low, middle)
        return exp(low)

    def bits(self, psnr: float) -> float | None:
        return None if self.step(psnr) is None else float(self.by_part(psnr).bits.sum())

    def by_part(self, psnr: float) -> Made:
        step = self.step(psnr)
        assert step is not None
        numbers, known = (np.rint(each / step).astype(np.int64) for each in (self.y, self.codes.known))
        bits = sum(lengths(*pair) for pair in zip(numbers.T, known.T, strict=True))
        return Made(summed(np.asarray(bits), self.part), summed(self.squared(step), self.part))


def lengths(numbers: NDArray[np.int64], known: NDArray[np.int64]) -> Floats:
    """The bits of each of `numbers (n,)` under frequencies that are learned from `known (m,)`."""
    low, high = int(numbers.min()), int(numbers.max())
    frequencies = learned(known, low, high - low + 1)
    return np.asarray(np.log2(frequencies.sum()) - np.log2(frequencies)[numbers - low], np.float64)


def summed(values: Floats, part: Parts) -> Floats:
    """The sums of `values (n,)` over each part."""
    return np.bincount(part, weights=values).astype(np.float64)


def methods(
    images: Pixels | None, train: Rows, rows: Rows, part: Parts
) -> tuple[dict[str, Method], dict[str, str]]:
    """The methods that are measured, by name, and why others are left out.

    Args:
        images: the examples as 8-bit images of one or three channels; None for other data.
        train: training rows `(m, values)`, where the range of the data is `PEAK`.
        rows: the examples on the same scale, `(n, values)`.
        part: `(n,)`, the part that each belongs to, from 0 on.
    """
    if images is None:
        files, left_out = {}, dict.fromkeys(CODECS, "it is measured for 8-bit images only")
    else:
        files = {name: FileBytes(name, images, part) for name in CODECS}
        left_out = {name: each.lacking for name, each in files.items() if each.lacking}
    found: dict[str, Method] = {name: each for name, each in files.items() if name not in left_out}
    if rows.shape[1] > WIDEST:
        return found, {**left_out, PCA: f"they are measured for examples of up to {WIDEST:,} values"}
    some = train[:: -(-train.size // FITTED)]
    return {**found, PCA: PcaBits(some, rows, part)}, left_out
