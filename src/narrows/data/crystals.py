"""Crystals of atomic columns on a lattice, with vacancies and dopants."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, pi, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HOST, VACANCY, DOPANT = 0, 1, 2
"""The types of columns."""

TYPES = ("host", "vacancy", "dopant")
"""Their names."""

RELATIVE_WIDTH = 0.17
"""Standard deviation of a peak, in distances to the nearest column."""

DOPANT_WEIGHT = 1.6
"""The brightness of a dopant, in that of the column that it replaces."""

BRIGHTNESS, DISORDER = 0.03, 0.01
"""Standard deviations of the brightness of columns, relative, and of their places, in lattice constants."""

WAVES, UNEVENNESS = 4, 0.3
"""Cosines along each axis of the background, and its greatest relative deviation from the mean."""

REACH = 4.0
"""Peaks are drawn up to this many of their standard deviations."""


class Structure(NamedTuple):
    """A lattice: two vectors as (y, x) in lattice constants, and of each sublattice place and brightness.

    Places are in multiples of the vectors. The brightness is relative to the first sublattice.
    """

    vectors: tuple[tuple[float, float], tuple[float, float]]
    basis: tuple[tuple[float, float], ...]
    weights: tuple[float, ...]

    @property
    def nearest(self) -> float:
        """The distance between nearest columns, in lattice constants."""
        steps = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(-1, 1, 2)
        places = (steps + self.basis).reshape(-1, 2) @ np.array(self.vectors)
        distances = np.linalg.norm(places, axis=1)
        return float(distances[distances > 0].min())


SQUARE = ((1.0, 0.0), (0.0, 1.0))
HEXAGONAL = ((0.0, 1.0), (sqrt(3) / 2, 0.5))

STRUCTURES = {
    "square": Structure(SQUARE, ((0, 0),), (1.0,)),
    "perovskite": Structure(SQUARE, ((0, 0), (0.5, 0.5)), (1.0, 0.5)),
    "hexagonal": Structure(HEXAGONAL, ((0, 0),), (1.0,)),
    "honeycomb": Structure(HEXAGONAL, ((0, 0), (1 / 3, 1 / 3)), (1.0, 0.6)),
}
"""By name. All but `square` and `hexagonal` have two sublattices."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How micrographs are made, as `lattice` says."""

    size: int
    structure: Structure
    spacing: float
    tilt: float | None
    dose: float
    vacancies: float
    dopants: float
    background: float
    drift: float
    jitter: float
    flicker: float

    @property
    def width(self) -> float:
        """The standard deviation of a peak in pixels."""
        return RELATIVE_WIDTH * self.structure.nearest * self.spacing


class Crystal(NamedTuple):
    """What is scanned: columns with their places before the drift, the background, and tilt and drift."""

    places: Floats
    weights: Floats
    types: NDArray[np.intp]
    sublattices: NDArray[np.intp]
    background: Floats
    tilt: float
    drift: Floats


def grown(how: Settings, rng: np.random.Generator, n: int) -> Crystal:
    """A crystal that covers `n` images while it drifts."""
    drift, tilt = how.drift * rng.standard_normal(2), rng.uniform(0, 360) if how.tilt is None else how.tilt
    margin = REACH * how.width + how.spacing + n * np.abs(drift).max()
    places, sublattices = sites(how, tilt, margin, rng)
    m = len(places)
    weights = np.array(how.structure.weights)[sublattices] * (1 + BRIGHTNESS * rng.standard_normal(m))
    drawn, types = rng.random(m), np.full(m, HOST)
    types[drawn < how.vacancies + how.dopants] = DOPANT
    types[drawn < how.vacancies] = VACANCY
    places = places + DISORDER * how.spacing * rng.standard_normal((m, 2))
    factors = np.array([1.0, 0.0, DOPANT_WEIGHT])[types]
    return Crystal(places, weights * factors, types, sublattices, uneven(how.size, rng), tilt, drift)


def sites(
    how: Settings, tilt: float, margin: float, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.intp]]:
    """The sites `(m, 2)` of a turned lattice in an image with a margin, in pixels, and their sublattices."""
    angle, middle = np.deg2rad(tilt), (how.size - 1) / 2
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    vectors = how.spacing * np.array(how.structure.vectors) @ turned
    half = how.size / 2 + margin
    # The corners of the square are as far apart as this many multiples of each vector.
    most = ceil(2 * half * float(np.abs(np.linalg.inv(vectors)).sum(axis=0).max())) + 1
    steps = np.stack(np.meshgrid(*[np.arange(-most, most + 1)] * 2, indexing="ij"), axis=-1).reshape(-1, 1, 2)
    cells = steps + np.array(how.structure.basis) + rng.random(2)
    places = cells @ vectors
    inside = (np.abs(places) < half).all(axis=2)
    return places[inside] + middle, np.nonzero(inside)[1]


def uneven(size: int, rng: np.random.Generator) -> Floats:
    """A smooth background `(size, size)` with a mean of 1: a sum of slow cosines."""
    waves = np.cos(pi * np.outer(np.arange(size) + 0.5, np.arange(WAVES)) / size)
    amounts = rng.standard_normal((WAVES, WAVES))
    amounts[0, 0] = 0.0
    field = waves @ amounts @ waves.T
    return np.asarray(1 + UNEVENNESS * field / np.abs(field).max())
