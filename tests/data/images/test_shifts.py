from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from narrows.data.images.shifts import CERTAIN, correlations, deviation, maxima, shifts
from narrows.data.lattice import lattice


def moved(steps: NDArray[np.intp], noise: float, size: int = 96, seed: int = 0) -> NDArray[np.float64]:
    """Frames of a random scene of variance 1 that moves by `steps` pixels down and right, with noise."""
    rng = np.random.default_rng(seed)
    reach = int(np.abs(np.cumsum(steps, axis=0)).max()) + 1
    scene = gaussian_filter(rng.normal(size=(size + 2 * reach,) * 2), 1.5)
    corners = reach - np.concatenate([[(0, 0)], np.cumsum(steps, axis=0)])
    frames = np.stack([scene[y : y + size, x : x + size] for y, x in corners]) / scene.std()
    return frames + noise * rng.normal(size=frames.shape)


@pytest.mark.parametrize("noise", [0.0, 1.0, 1.5])
def test_jumps_of_whole_pixels_are_found_in_noise(noise: float) -> None:
    steps = np.random.default_rng(1).integers(-7, 8, (9, 2))
    found = shifts(moved(steps, noise))
    np.testing.assert_array_equal(found.steps, steps)
    assert found.certain.all()


def test_a_steady_drift_is_found_where_two_frames_alone_do_not_show_it() -> None:
    steps = np.tile([[2, -3]], (9, 1))
    frames = moved(steps, 6.0)
    assert not all(len(maxima(one, deviation(96, 96))) for one in correlations(frames))
    found = shifts(frames)
    np.testing.assert_array_equal(found.steps, steps)


def test_nothing_is_found_in_noise_alone() -> None:
    frames = np.random.default_rng(0).normal(size=(12, 80, 60))
    found = shifts(frames)
    assert not found.certain.any()
    assert not found.steps.any()
    noise = correlations(frames) / deviation(80, 60)
    assert noise.std() == pytest.approx(1, abs=0.3)
    assert noise.max() < CERTAIN


def test_an_illumination_that_does_not_move_hides_no_drift() -> None:
    steps = np.tile([[1, 4]], (5, 1))
    y, x = np.mgrid[:96, :96] / 96
    bright = 20 * np.exp(-((y - 0.5) ** 2 + (x - 0.4) ** 2))
    np.testing.assert_array_equal(shifts(moved(steps, 1.0) + bright).steps, steps)


@pytest.mark.parametrize("structure", ["perovskite", "honeycomb"])
def test_of_the_periods_of_a_lattice_the_smallest_shift_is_taken(structure: str) -> None:
    made = lattice(n=8, size=128, dose=2, drift=4, frames=True, structure=structure, seed=1)
    drift = np.diff(made.offsets, axis=0)
    assert np.abs(drift).max() < 8  # half a lattice constant
    np.testing.assert_array_equal(shifts(made.noisy).steps, np.rint(drift))
