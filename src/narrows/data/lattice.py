"""Micrographs of an atomic lattice, as a scanning transmission electron microscope records them.

Each atomic column is a Gaussian peak over a smooth background. A few columns are vacant, a few are replaced
by heavier dopants. The image drifts while it is scanned line by line, each line is shifted and its
brightness flickers, and the electrons of each pixel are counted: their number is Poisson distributed.
The image without noise and the defects are known.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, pi
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.core.files import new_file
from narrows.core.registry import lookup, within
from narrows.data.crystals import (
    HOST,
    REACH,
    STRUCTURES,
    TYPES,
    Crystal,
    Floats,
    Settings,
    grown,
)
from narrows.data.images.picture_writing import write_pictures
from narrows.data.windows import Patches

AT_ONCE = 2**22
"""Values that are computed together, so that arrays stay small."""

MOST_DRIFT = 0.25
"""The greatest standard deviation of the drift, in sizes of the image."""

MOST_COUNTED = 2**16 - 1
"""The most electrons of a pixel that are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Micrographs:
    """Images of a lattice, and the truth about them.

    Attributes:
        noisy: the counted electrons, `(n, size, size)`.
        clean: their expected number without jitter and flicker of the lines, `(n, size, size)`.
        positions: of each image the places `(columns, 2)` of its columns as (y, x) in pixels; that of a
            vacancy is where the column would be.
        types: of each image the types of its columns, `(columns,)`: `HOST`, `VACANCY` or `DOPANT`.
        sublattices: of each image the sublattices of its columns, `(columns,)`.
        offsets: how far each image has drifted before its first line, `(n, 2)` as (y, x) in pixels.
        tilts: how far the lattice of each image is turned from the x to the y axis, `(n,)`, in degrees.
        spacing: the lattice constant in pixels.
    """

    noisy: NDArray[np.uint16]
    clean: NDArray[np.float32]
    positions: tuple[Floats, ...]
    types: tuple[NDArray[np.intp], ...]
    sublattices: tuple[NDArray[np.intp], ...]
    offsets: Floats
    tilts: Floats
    spacing: float

    def __len__(self) -> int:
        return len(self.noisy)

    def defects(self, i: int) -> Floats:
        """The places `(defects, 2)` of vacancies and dopants in image `i`, as (y, x) in pixels."""
        return self.positions[i][self.types[i] != HOST]

    @property
    def names(self) -> tuple[str, ...]:
        """A name of each image."""
        return tuple(f"lattice-{i:0{len(str(len(self) - 1))}d}" for i in range(len(self)))

    def labels(self, patches: Patches, side: int) -> NDArray[np.str_]:
        """Of each square patch of the images the defect in it, "several" for different ones, or "host"."""
        labels = np.full(len(patches.owner), TYPES[HOST], dtype="<U8")
        for number, name in enumerate(TYPES):
            if number != HOST:
                inside = self.counts(patches, side, number) > 0
                labels[inside] = np.where(labels[inside] == TYPES[HOST], name, "several")
        return labels

    def counts(self, patches: Patches, side: int, number: int) -> NDArray[np.intp]:
        """The columns `(patches,)` of type `number` in each square patch of the images."""
        counts = np.zeros(len(patches.owner), dtype=np.intp)
        for i, (places, types) in enumerate(zip(self.positions, self.types, strict=True)):
            mine = patches.owner == i
            beyond = places[types == number] - patches.corners[mine, None]
            counts[mine] = ((beyond >= 0) & (beyond <= side - 1)).all(axis=2).sum(axis=1)
        return counts

    def write(self, folder: str | Path) -> None:
        """Write TIFF files to `folder`/noisy and `folder`/clean, and the columns to `folder`/columns.csv.

        Raises:
            InputError: when a file cannot be written.
        """
        names = [f"{name}.tif" for name in self.names]
        write_pictures(self.noisy, Path(folder, "noisy"), names, ())
        write_pictures(self.clean, Path(folder, "clean"), names, ())
        with (
            new_file(Path(folder, "columns.csv")) as part,
            part.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.writer(file)
            writer.writerow(("image", "y", "x", "sublattice", "type"))
            for name, *columns in zip(names, self.positions, self.sublattices, self.types, strict=True):
                for (y, x), sublattice, number in zip(*columns, strict=True):
                    writer.writerow((name, f"{y:.3f}", f"{x:.3f}", sublattice, TYPES[number]))


class Image(NamedTuple):
    """One image, with the fields of `Micrographs`."""

    noisy: NDArray[np.uint16]
    clean: NDArray[np.float32]
    positions: Floats
    types: NDArray[np.intp]
    sublattices: NDArray[np.intp]
    offset: Floats
    tilt: float


def lattice(
    n: int = 1,
    size: int = 512,
    *,
    structure: str = "perovskite",
    spacing: float = 16.0,
    tilt: float | None = None,
    dose: float = 30.0,
    vacancies: float = 0.005,
    dopants: float = 0.005,
    background: float = 0.3,
    drift: float = 2.0,
    jitter: float = 0.2,
    flicker: float = 0.01,
    frames: bool = False,
    seed: int = 0,
) -> Micrographs:
    """Draw micrographs of an atomic lattice.

    Args:
        n: the number of images.
        size: their height and width in pixels.
        structure: a name in `STRUCTURES`.
        spacing: the lattice constant in pixels.
        tilt: how far the lattice is turned from the x to the y axis, in degrees; drawn for each image if not
            given.
        dose: the mean number of electrons counted in a pixel, of a lattice without defects.
        vacancies: the probability of a column to be vacant.
        dopants: the probability of a column to be replaced by a heavier one.
        background: the share of the dose that does not come from columns.
        drift: the standard deviation of the drift along each axis, in pixels for each image.
        jitter: the standard deviation of the shift of a line along it, in pixels.
        flicker: the standard deviation of the brightness of a line, relative.
        frames: whether the images are frames of one drifting lattice, instead of independent.
        seed: of the random numbers; an image depends on it and on its own number, not on `n`.

    Raises:
        InputError: for an unknown structure, or a value out of range.

    >>> made = lattice(n=2, size=64, dose=10)
    >>> made.noisy.shape, made.noisy.dtype, made.clean.dtype
    ((2, 64, 64), dtype('uint16'), dtype('float32'))
    """
    if vacancies + dopants > 1:
        raise InputError(
            f"The shares of vacancies and dopants add up to {vacancies + dopants:g}, but must be 1 at most."
        )
    how = Settings(
        int(within("size", size, 8)),
        lookup("structure", STRUCTURES, structure),
        within("spacing", spacing, 4),
        tilt,
        within("dose", dose, 1e-6, 1e5),
        within("vacancies", vacancies, 0, 1),
        within("dopants", dopants, 0, 1),
        within("background", background, 0, 1),
        within("drift", drift, 0, MOST_DRIFT * size),
        within("jitter", jitter, 0, spacing),
        within("flicker", flicker, 0, 1),
    )
    return together(list(images(how, int(within("n", n, 1)), seed, frames=frames)), spacing)


def together(images: Sequence[Image], spacing: float) -> Micrographs:
    """Several images as one record."""
    noisy, clean, positions, types, sublattices, offsets, tilts = zip(*images, strict=True)
    offset, tilt = np.stack(offsets), np.array(tilts)
    return Micrographs(np.stack(noisy), np.stack(clean), positions, types, sublattices, offset, tilt, spacing)


def images(how: Settings, n: int, seed: int, *, frames: bool) -> Iterator[Image]:
    """Images one after the other: of one crystal that drifts, or each of its own."""
    one = grown(how, np.random.default_rng((seed, 0)), n) if frames else None
    for i in range(n):
        rng = np.random.default_rng((seed, 1, i))
        yield scanned(how, one or grown(how, rng, 1), i if frames else 0, rng)


def scanned(how: Settings, crystal: Crystal, frame: int, rng: np.random.Generator) -> Image:
    """The image of a crystal that has drifted during `frame` images before."""
    offset = frame * crystal.drift
    # A column is recorded when the scan comes to the line that it has drifted to.
    lines = (crystal.places[:, 0] + offset[0]) / (1 - crystal.drift[0] / how.size)
    columns = crystal.places[:, 1] + offset[1] + crystal.drift[1] * lines / how.size
    places = np.column_stack([lines, columns])
    clean = expected(how, crystal, places, np.zeros(how.size))
    shifts = how.jitter * rng.standard_normal(how.size)
    brightness = np.maximum(1 + how.flicker * rng.standard_normal(how.size), 0)
    recorded = expected(how, crystal, places, shifts) if how.jitter else clean
    counts = np.minimum(rng.poisson(recorded * brightness[:, None]), MOST_COUNTED)
    inside = ((places >= 0) & (places <= how.size - 1)).all(axis=1)
    truth = (places[inside], crystal.types[inside], crystal.sublattices[inside])
    return Image(counts.astype(np.uint16), clean.astype(np.float32), *truth, offset, crystal.tilt)


def expected(how: Settings, crystal: Crystal, places: Floats, shifts: Floats) -> Floats:
    """The expected number of electrons in each pixel, of columns at `places (m, 2)`."""
    area = abs(np.linalg.det(np.array(how.structure.vectors))) * how.spacing**2
    mean = 2 * pi * how.width**2 * sum(how.structure.weights) / area
    columns = peaks(how.size, places, crystal.weights, how.width, shifts) / mean
    return how.dose * ((1 - how.background) * columns + how.background * crystal.background)


def peaks(size: int, places: Floats, weights: Floats, width: float, shifts: Floats) -> Floats:
    """The sum of Gaussian peaks of height `weights (m,)` at `places (m, 2)`, `(size, size)`.

    Line i shows what lies `shifts[i]` pixels beside it.
    """
    reach = ceil(REACH * width + np.abs(shifts).max())
    edge = 2 * reach + 1
    near = ((places > -reach) & (places < size - 1 + reach)).all(axis=1)
    canvas, side = np.zeros((size + 2 * edge) ** 2), size + 2 * edge
    window, padded = np.arange(-reach, reach + 1), np.pad(shifts, edge)
    step = max(1, AT_ONCE // len(window) ** 2)
    for first in range(0, int(near.sum()), step):
        place, weight = places[near][first : first + step], weights[near][first : first + step]
        rows, columns = (np.rint(place).astype(np.intp)[:, :, None] + window).transpose(1, 0, 2)
        down = np.exp(-(((rows - place[:, :1]) / width) ** 2) / 2) * weight[:, None]
        beside = columns[:, None] + padded[rows + edge][:, :, None] - place[:, 1, None, None]
        values = down[:, :, None] * np.exp(-((beside.astype(np.float32) / width) ** 2) / 2)
        pixels = (rows + edge)[:, :, None] * side + (columns + edge)[:, None]
        canvas += np.bincount(pixels.ravel(), values.ravel(), len(canvas))
    return canvas.reshape(side, side)[edge:-edge, edge:-edge]
