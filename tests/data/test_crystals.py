"""Crystals: their structures and how they cover an image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from narrows.data.crystals import STRUCTURES, Settings, grown, sites, uneven

HOW = Settings(100, STRUCTURES["square"], 10, 30, 10, 0, 0, 0.3, 0, 0, 0)


def test_nearest_columns_are_as_far_as_geometry_says() -> None:
    nearest = {name: structure.nearest for name, structure in STRUCTURES.items()}
    expected = {"square": 1, "perovskite": 0.5**0.5, "hexagonal": 1, "honeycomb": 3**-0.5}
    assert nearest == pytest.approx(expected)


def test_every_column_of_a_honeycomb_has_three_neighbours_of_the_other_sublattice() -> None:
    how = replace(HOW, structure=STRUCTURES["honeycomb"])
    places, sublattices = sites(how, 20, 30, np.random.default_rng(0))
    inner = (np.abs(places - 49.5) < 50).all(axis=1)
    distances = np.linalg.norm(places[inner, None] - places, axis=2)
    near = (distances > 1) & (distances < 7)
    assert (near.sum(axis=1) == 3).all()
    assert (sublattices[np.nonzero(near)[1]] != np.repeat(sublattices[inner], 3)).all()


@pytest.mark.parametrize("tilt", [0, 30, 45, 211])
def test_sites_fill_the_image_and_its_margin(tilt: float) -> None:
    places, _ = sites(HOW, tilt, 20, np.random.default_rng(0))
    assert len(places) == pytest.approx(140**2 / 10**2, rel=0.15)
    grid = np.stack(np.meshgrid(*[np.linspace(-13, 112, 20)] * 2), axis=-1).reshape(-1, 1, 2)
    assert np.linalg.norm(grid - places, axis=2).min(axis=1).max() <= 10 / 2**0.5 + 1e-9


def test_crystals_reach_as_far_as_they_drift() -> None:
    crystal = grown(replace(HOW, drift=5), np.random.default_rng(0), 6)
    assert np.abs(crystal.places - 49.5).max() > 50 + 6 * np.abs(crystal.drift).max()


def test_the_background_has_a_mean_of_one() -> None:
    field = uneven(64, np.random.default_rng(0))
    assert field.mean() == pytest.approx(1)
    assert np.abs(field - 1).max() == pytest.approx(0.3)
