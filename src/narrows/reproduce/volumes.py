"""Spheres in cubes of many dimensions, and random points near each other."""

from __future__ import annotations

from math import exp, gamma, lgamma, log, pi

import numpy as np

from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Figure
from narrows.reproduce.tables import number, percent, table

NAN = float("nan")

RADIUS = 0.1
"""The largest distance of a near neighbour, in a cube of side 1."""

DRAWN = 400_000
"""Random points in a cube, to estimate the share inside the sphere."""


def ratio(d: int) -> float:
    """The share of a cube in `d` dimensions that its inscribed sphere fills.

    V_sphere / V_cube = π^(d/2) / (d · 2^(d-1) · Γ(d/2))

    >>> round(ratio(2), 4), round(ratio(3), 4)
    (0.7854, 0.5236)
    """
    return exp(d / 2 * log(pi) - log(d) - (d - 1) * log(2) - lgamma(d / 2))


def monte_carlo(d: int, n: int, rng: np.random.Generator) -> float:
    """The share of `n` random points of the cube [-1, 1]^d that lie in the unit sphere."""
    return float(np.mean((rng.uniform(-1, 1, (n, d)) ** 2).sum(axis=1) <= 1))


def deviation(share: float, n: int) -> float:
    """The standard deviation of an estimated share of `n` random points."""
    return float((share * (1 - share) / n) ** 0.5)


def largest_deviation(volumes: dict[int, float]) -> float:
    """How far shares estimated from `DRAWN` points are from the formula, in standard deviations."""
    return max(abs(share - ratio(d)) / deviation(ratio(d), DRAWN) for d, share in volumes.items())


def points_needed(d: int) -> float:
    """Random points in a unit cube, so that a place has one within `RADIUS` with probability ½.

    n = ln 2 / (V_d · r^d); opposite sides of the cube are joined, so that it has no border.
    """
    volume = pi ** (d / 2) / gamma(d / 2 + 1)
    return float(log(2) / (volume * RADIUS**d))


def share_near(d: int, rng: np.random.Generator, cubes: int = 200) -> float:
    """The share of random places with a random point within `RADIUS`, over several cubes."""
    from scipy.spatial import cKDTree

    n = round(points_needed(d))
    places = 4000 // cubes
    near = [
        cKDTree(rng.random((n, d)), boxsize=1).query(rng.random((places, d)))[0] <= RADIUS
        for _ in range(cubes if n < 5000 else cubes // 20)
    ]
    return float(np.mean(near))


def volume_sentence(volumes: dict[int, float]) -> str:
    agree = largest_deviation(volumes) < 4
    return (
        f"The sphere fills {percent(ratio(2))} of its square, {percent(ratio(3))} of its cube and "
        f"{percent(ratio(10))} of its cube in 10 dimensions; {DRAWN:,} random points "
        f"{'agree' if agree else 'do not agree'} with the formula in 2 to 10 dimensions. To have a "
        f"neighbour within {RADIUS} with probability ½ takes {points_needed(2):,.0f} points in a square, "
        f"{points_needed(5):,.0f} in 5 dimensions and {number(points_needed(10), 2)} in 10."
    )


def volume_plot(volumes: dict[int, float]) -> Figure:
    dimensions = list(range(1, 31))
    return lines(
        dimensions,
        {
            "formula": [ratio(d) for d in dimensions],
            "random points": [volumes.get(d, NAN) for d in dimensions],
        },
        f"The share of the cube that the sphere fills, by the formula, and the share of {DRAWN:,} random "
        "points of the cube that lie in the sphere, in 2 to 10 dimensions.",
        across="dimensions",
        up="share of the cube",
        log_y=True,
    )


def neighbour_table(near: dict[int, float]) -> Figure:
    """Points needed for a near neighbour, by dimension."""
    rows = (
        (str(d), number(points_needed(d), 4), percent(near[d]) if d in near else "")
        for d in (*near, 10, 20, 50)
    )
    return table(
        ("dimensions", "points needed", "share found"),
        rows,
        f"Random points needed in a cube of side 1, so that half of all places have one within {RADIUS}; and "
        "the share of places that had one among so many random points. Opposite sides of the cube are "
        "joined.",
    )
